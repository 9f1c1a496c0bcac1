import type { Key } from './items.ts';

/* Keys of what lists of events are read by. */

/** Present for some minutes after texts of the project were erased. */
export const erasedKey = (project: string): Key<'ERASED'> => ({
  kind: 'ERASED',
  pk: `P#${project}`,
  sk: 'ERASED',
});
