import {
  namespacesForQuery,
  namespacesOf,
  namespacesToCheck,
} from '../../../shared/adapters/pinecone/namespace.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Tagged } from '../../../shared/domain/memory/entities.ts';
import type { Store } from '../../../shared/ports/store.ts';
import type { VectorIndex } from '../../../shared/ports/vector-index.ts';
import type { Assumptions } from './assumptions.ts';
import { createBucket } from './capacity.ts';
import { createStoredEntries } from './stored-entries.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A modelled index, shared by all processes. */
export interface IndexService {
  /** The index as a process uses it, whose store may have a part of the entries. */
  open(store: Pick<Store, 'query' | 'transact'>): VectorIndex;
  total: { requests: number; throttled: number };
  /** Price of the requests so far, in millionths of a US dollar. */
  cost(): number;
}

interface Namespace {
  queries: ReturnType<typeof createBucket>;
  writes: ReturnType<typeof createBucket>;
  entries: number;
}

/** Attempts of one request and the first pause between them, as the adapters make them. */
const maxAttempts = 3;
const firstPauseMs = 100;

/** Makes a request that a bucket admits by its units, or repeats it. */
export const createRequest =
  (time: VirtualTime, total: IndexService['total']) =>
  async (
    buckets: readonly ReturnType<typeof createBucket>[],
    durationMs: number,
    unitsOf: readonly number[] = [1],
  ): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      total.requests += 1;
      await time.sleep(durationMs);
      if (buckets.every((bucket) => bucket.hasUnits())) {
        buckets.forEach((bucket, at) => void bucket.use(unitsOf[at] ?? 1));
        return;
      }
      total.throttled += 1;
      if (attempt === maxAttempts)
        throw new RetryableError('index_throttled', 'The index takes no more requests.');
      await time.sleep(firstPauseMs * 2 ** (attempt - 1));
    }
  };

/**
 * Pinecone behind the port of the index: the namespaces, requests and retries are those of its adapter, the limits those of the
 * service, each for one namespace and second.
 * @param stored entries that each namespace has beforehand, by which queries are charged
 */
export const createIndexService = (
  time: VirtualTime,
  { index: limits, prices }: Pick<Assumptions, 'index' | 'prices'>,
  { buckets, stored = 0 }: { buckets: number; stored?: number },
): IndexService => {
  const namespaces = new Map<string, Namespace>();
  const entries = createStoredEntries(time.exact, limits.lagMs);
  const total = { requests: 0, throttled: 0 };
  const units = { read: 0, write: 0 };
  const request = createRequest(time, total);

  const namespaceAt = (name: string): Namespace => {
    const known = namespaces.get(name) ?? {
      queries: createBucket(time.exact, () => limits.queriesPerSecond),
      writes: createBucket(time.exact, () => limits.writesPerSecond),
      entries: stored,
    };
    namespaces.set(name, known);
    return known;
  };

  const query = async (name: string): Promise<void> => {
    const namespace = namespaceAt(name);
    await request([namespace.queries], limits.queryMs);
    const gigabytes = (namespace.entries * limits.entryBytes) / 2 ** 30;
    units.read += Math.max(limits.minReadUnits, gigabytes);
  };

  const namespacesOfAll = (
    project: string,
    values: readonly Tagged[],
    namespacesIn = namespacesOf,
  ): string[] => [
    ...new Set(values.flatMap((value) => [...namespacesIn(project, value, buckets)])),
  ];

  const write = (project: string, values: readonly Tagged[]) =>
    Promise.all(
      namespacesOfAll(project, values).map((name) =>
        request([namespaceAt(name).writes], limits.writeMs),
      ),
    );

  const index: VectorIndex = {
    async upsert(project, written) {
      const targets = written.map(({ target }) => target);
      await write(project, targets);
      entries.put(project, written);
      for (const target of targets)
        for (const name of namespacesOf(project, target, buckets)) {
          namespaceAt(name).entries += 1;
          units.write += Math.ceil(limits.entryBytes / 1_000);
        }
    },
    async remove(project, removed) {
      await write(project, removed);
      entries.remove(project, removed);
    },
    async query(asked) {
      // By meaning and by terms.
      const scopes = namespacesForQuery(asked.project, asked.partitions, buckets);
      await Promise.all(scopes.flatMap(({ namespace }) => [query(namespace), query(namespace)]));
      return entries.find(asked);
    },
    async areVisible(project, asked) {
      await Promise.all(namespacesOfAll(project, asked, namespacesToCheck).map(query));
      return asked.map(({ id }) => entries.isVisible(project, id));
    },
  };
  return {
    open: () => index,
    total,
    cost: () => units.read * prices.indexReadUnits + units.write * prices.indexWriteUnits,
  };
};
