/** Resources in use by an idle service. */
export interface ResourceUsage {
  heapBytes: number;
  items: number;
  handles: number;
}

const mebibyte = 1024 * 1024;
/** Upper bound of all caches together. */
const maxCacheBytes = 96 * mebibyte;
/** Allowed growth per request, in addition to a constant for compiled code and warm-up. */
const heapBytesPerRequest = 10_000;
const warmUpBytes = 16 * mebibyte;
const itemsPerRequest = 40;
const baseItems = 1_000;
const maxNewHandles = 50;

/** Resources that grew beyond the bounds for the number of requests, one message each. */
export const growthOf = (
  before: ResourceUsage,
  after: ResourceUsage,
  requests: number,
): string[] => {
  const bounds = {
    heapBytes:
      before.heapBytes + Math.min(maxCacheBytes, warmUpBytes + requests * heapBytesPerRequest),
    items: before.items + baseItems + requests * itemsPerRequest,
    handles: before.handles + maxNewHandles,
  };
  const names = ['heapBytes', 'items', 'handles'] as const;
  return names.flatMap((name) =>
    after[name] <= bounds[name]
      ? []
      : [`${name} grow from ${before[name]} to ${after[name]}, more than ${bounds[name]}`],
  );
};
