/** Returns the fields whose value is neither null nor undefined, as optional fields of the domain require. */
export function omitNullish<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> };
export function omitNullish(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  );
}
