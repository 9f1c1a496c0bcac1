/** Copies the given fields of an item, as far as it has them. */
export const fieldsOf = <T extends object, K extends keyof T>(
  item: T,
  fields: readonly K[],
): Pick<T, K> => {
  const copied: Partial<Pick<T, K>> = {};
  for (const field of fields) if (item[field] !== undefined) copied[field] = item[field];
  return copied as Pick<T, K>;
};
