import {
  indexesOf,
  partsForQuery,
  type VectorLayout,
} from '../../../shared/adapters/s3vectors/layout.ts';
import { createWords } from '../../../shared/adapters/s3vectors/words.ts';
import { chunksOf } from '../../../shared/domain/chunks-of.ts';
import type { Tagged } from '../../../shared/domain/memory/entities.ts';
import type { Assumptions } from './assumptions.ts';
import { createBucket } from './capacity.ts';
import { createRequest, type IndexService } from './index-service.ts';
import { createStoredEntries } from './stored-entries.ts';
import type { VirtualTime } from './virtual-time.ts';

interface ServedIndex {
  requests: ReturnType<typeof createBucket>;
  vectors: ReturnType<typeof createBucket>;
  queries: ReturnType<typeof createBucket>;
  size: number;
}

/** Limits of the service for one request. */
const maxWrites = 500;
const maxReads = 100;
const gigabyte = 2 ** 30;
/** Vectors of an index up to which a query is priced by the higher rate. */
const firstTier = 100_000;

/**
 * S3 Vectors behind the port of the index: the indexes and the sizes of requests are those of its adapter, whose words are in the
 * modelled table, the limits those of the service, each for one index and second.
 * @param stored vectors that each index has beforehand, by which queries are charged
 */
export const createVectorsService = (
  time: VirtualTime,
  { vectors: limits, prices, model }: Pick<Assumptions, 'vectors' | 'prices' | 'model'>,
  { indexes, stored = 0 }: { indexes: number; stored?: number },
): IndexService => {
  const layout: VectorLayout = { bucket: 'vectors', indexes, dimension: model.dimensions };
  const served = new Map<string, ServedIndex>();
  const entries = createStoredEntries(time.exact, 0);
  const total = { requests: 0, throttled: 0 };
  let cost = 0;
  const request = createRequest(time, total);

  const indexAt = (name: string): ServedIndex => {
    const known = served.get(name) ?? {
      requests: createBucket(time.exact, () => limits.writeRequestsPerSecond),
      vectors: createBucket(time.exact, () => limits.vectorsPerSecond),
      queries: createBucket(time.exact, () => limits.queriesPerSecond),
      size: stored,
    };
    served.set(name, known);
    return known;
  };

  /** Names of indexes, with the number of the values that each has. */
  const placesOf = (project: string, values: readonly Tagged[]): Map<string, number> => {
    const places = new Map<string, number>();
    for (const value of values)
      for (const name of indexesOf(project, value, layout))
        places.set(name, (places.get(name) ?? 0) + 1);
    return places;
  };

  /** Sizes of the requests for so many values. */
  const sizesOf = (count: number, max: number): number[] =>
    chunksOf(Array.from({ length: count }), max).map(({ length }) => length);

  const write = async (project: string, values: readonly Tagged[], isPut: boolean) => {
    await Promise.all(
      [...placesOf(project, values)].flatMap(([name, count]) =>
        sizesOf(count, maxWrites).map(async (size) => {
          const index = indexAt(name);
          await request([index.requests, index.vectors], limits.writeMs, [1, size]);
          if (!isPut) return;
          index.size += size;
          const bytes = Math.max(limits.minPutBytes, size * limits.vectorBytes);
          cost += (bytes / gigabyte) * prices.vectorGigabytes * 1_000_000;
        }),
      ),
    );
  };

  const query = async (name: string): Promise<void> => {
    const index = indexAt(name);
    await request([index.queries], limits.queryMs);
    const [dear, cheap] = [Math.min(index.size, firstTier), Math.max(0, index.size - firstTier)];
    const searched = dear * prices.vectorTerabytes + (cheap * prices.vectorTerabytes) / 2;
    cost += prices.vectorQueries + ((searched * limits.vectorBytes) / 2 ** 40) * 1_000_000;
  };

  return {
    total,
    cost: () => cost,
    open(store) {
      const words = createWords(store);
      return {
        async upsert(project, written) {
          await words.put(project, written);
          const targets = written.map(({ target }) => target);
          await write(project, targets, true);
          entries.put(project, written);
        },
        async remove(project, removed) {
          await write(project, removed, false);
          await words.remove(project, removed);
          entries.remove(project, removed);
        },
        async query(asked) {
          const parts = partsForQuery(asked.project, asked.partitions, layout);
          await Promise.all([
            ...parts.map(({ index }) => query(index)),
            words.newest(asked.project, asked.partitions),
          ]);
          return entries.find(asked);
        },
        async areVisible(project, asked) {
          const places = placesOf(project, asked);
          await Promise.all(
            [...places].flatMap(([name, count]) =>
              sizesOf(count, maxReads).map(() => request([indexAt(name).queries], limits.readMs)),
            ),
          );
          return asked.map(({ id }) => entries.isVisible(project, id));
        },
      };
    },
  };
};
