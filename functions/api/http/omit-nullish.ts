/** The fields that have a value: null and undefined are left out, as optional fields of the domain want it. */
export function omitNullish<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> };
export function omitNullish(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  );
}
