/**
 * Beginning of the names of index layouts whose words are items of the store. Only an index of such a layout erases them, so a store keeps
 * to these once it has one.
 */
export const storedWordsLayout = 's3v';
