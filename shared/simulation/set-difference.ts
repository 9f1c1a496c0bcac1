/** Elements of `here` that `there` does not contain. */
export const missingFrom = <T>(there: ReadonlySet<T>, here: Iterable<T>): T[] =>
  [...here].filter((one) => !there.has(one));
