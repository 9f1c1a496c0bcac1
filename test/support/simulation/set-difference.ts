/** What is in the one but not in the other. */
export const missingFrom = <T>(there: ReadonlySet<T>, here: Iterable<T>): T[] =>
  [...here].filter((one) => !there.has(one));
