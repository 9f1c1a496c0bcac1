/** What a service holds on to once it has nothing left to do. */
export interface Holdings {
  heapBytes: number;
  items: number;
  handles: number;
}

const mebibyte = 1024 * 1024;
/** What caches may come to hold, until they are full. */
const maxCached = 96 * mebibyte;
/** What each request may leave in caches and tables; what is compiled and warmed comes on top. */
const heapEach = 10_000;
const warmth = 16 * mebibyte;
const itemsEach = 40;
const moreItems = 1_000;
const moreHandles = 50;

/** Where a service holds more after so many requests than they may leave. */
export const growthOf = (before: Holdings, after: Holdings, requests: number): string[] => {
  const bounds = {
    heapBytes: before.heapBytes + Math.min(maxCached, warmth + requests * heapEach),
    items: before.items + moreItems + requests * itemsEach,
    handles: before.handles + moreHandles,
  };
  const names = ['heapBytes', 'items', 'handles'] as const;
  return names.flatMap((name) =>
    after[name] <= bounds[name]
      ? []
      : [`${name} grow from ${before[name]} to ${after[name]}, more than ${bounds[name]}`],
  );
};
