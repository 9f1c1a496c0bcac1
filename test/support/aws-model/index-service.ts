import {
  namespacesForQuery,
  namespacesOf,
  namespacesToCheck,
} from '../../../shared/adapters/pinecone/namespace.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { entityKey, type Tagged } from '../../../shared/domain/memory/entities.ts';
import type { IndexEntry, VectorIndex } from '../../../shared/ports/vector-index.ts';
import { createBucket } from './capacity.ts';
import type { VirtualTime } from './virtual-time.ts';

interface IndexLimits {
  queryMs: number;
  writeMs: number;
  lagMs: number;
  queriesPerSecond: number;
  writesPerSecond: number;
  entryBytes: number;
  minReadUnits: number;
}

interface Namespace {
  queries: ReturnType<typeof createBucket>;
  writes: ReturnType<typeof createBucket>;
  entries: number;
}

interface StoredEntry {
  entry: IndexEntry;
  visibleAt: number;
}

/** Attempts of one request and the first pause between them, as the adapter makes them. */
const maxAttempts = 3;
const firstPauseMs = 100;
/** Hits of an owner that a query looks at: the newest. */
const maxHits = 50;
const similarity = 0.3;

/**
 * Pinecone behind the port of the index: the namespaces, requests and retries are those of its adapter, the limits those of the
 * service, each for one namespace and second.
 * @param stored entries that each namespace has beforehand, by which queries are charged
 */
export const createIndexService = (
  time: VirtualTime,
  limits: IndexLimits,
  { buckets, stored = 0 }: { buckets: number; stored?: number },
) => {
  const namespaces = new Map<string, Namespace>();
  const entries = new Map<string, StoredEntry>();
  const byEntity = new Map<string, Map<string, StoredEntry>>();
  const total = { requests: 0, readUnits: 0, writeUnits: 0, throttled: 0 };

  const namespaceAt = (name: string): Namespace => {
    const known = namespaces.get(name) ?? {
      queries: createBucket(time.exact, () => limits.queriesPerSecond),
      writes: createBucket(time.exact, () => limits.writesPerSecond),
      entries: stored,
    };
    namespaces.set(name, known);
    return known;
  };

  const request = async (
    bucket: ReturnType<typeof createBucket>,
    durationMs: number,
  ): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      total.requests += 1;
      await time.sleep(durationMs);
      if (bucket.hasUnits()) return bucket.use(1);
      total.throttled += 1;
      if (attempt === maxAttempts)
        throw new RetryableError('index_throttled', 'The index takes no more requests.');
      await time.sleep(firstPauseMs * 2 ** (attempt - 1));
    }
  };

  const query = async (name: string): Promise<void> => {
    const namespace = namespaceAt(name);
    await request(namespace.queries, limits.queryMs);
    const gigabytes = (namespace.entries * limits.entryBytes) / 2 ** 30;
    total.readUnits += Math.max(limits.minReadUnits, gigabytes);
  };

  const namespacesOfAll = (
    project: string,
    values: readonly Tagged[],
    namespacesIn = namespacesOf,
  ): string[] => [
    ...new Set(values.flatMap((value) => [...namespacesIn(project, value, buckets)])),
  ];

  const keysOf = ({ target: { entities, extraEntities } }: IndexEntry): string[] => [
    ...Object.entries(entities).map(([kind, id]) => `${kind}#${id}`),
    ...(extraEntities ?? []).map(entityKey),
  ];

  const isVisible = (found: StoredEntry | undefined): boolean =>
    found !== undefined && found.visibleAt <= time.exact();

  const index: VectorIndex = {
    async upsert(project, written) {
      const targets = written.map(({ target }) => target);
      await Promise.all(
        namespacesOfAll(project, targets).map((name) =>
          request(namespaceAt(name).writes, limits.writeMs),
        ),
      );
      for (const entry of written) {
        const { target, id } = entry;
        const found = { entry, visibleAt: time.exact() + limits.lagMs };
        entries.set(`${project} ${id}`, found);
        for (const name of namespacesOf(project, target, buckets)) {
          namespaceAt(name).entries += 1;
          total.writeUnits += Math.ceil(limits.entryBytes / 1_000);
        }
        for (const key of keysOf(entry)) {
          const own = byEntity.get(`${project} ${key}`) ?? new Map<string, StoredEntry>();
          byEntity.set(`${project} ${key}`, own.set(id, found));
        }
      }
    },
    async remove(project, removed) {
      await Promise.all(
        namespacesOfAll(project, removed).map((name) =>
          request(namespaceAt(name).writes, limits.writeMs),
        ),
      );
      for (const { id } of removed) {
        const found = entries.get(`${project} ${id}`);
        entries.delete(`${project} ${id}`);
        for (const key of found ? keysOf(found.entry) : [])
          byEntity.get(`${project} ${key}`)?.delete(id);
      }
    },
    async query({ project, partitions, classes, limit }) {
      // By meaning and by terms.
      const scopes = namespacesForQuery(project, partitions, buckets);
      await Promise.all(scopes.flatMap(({ namespace }) => [query(namespace), query(namespace)]));
      const own = partitions.flatMap((partition) =>
        partition === 'project' ? [] : [byEntity.get(`${project} ${entityKey(partition)}`)],
      );
      const found = new Map(own.flatMap((map) => [...(map ?? [])].slice(-maxHits)));
      const hits = [...found.values()].filter(
        (one) => isVisible(one) && classes.includes(one.entry.class),
      );
      return {
        hits: hits.slice(0, limit).map(({ entry: { id, target } }) => ({
          id,
          entities: target.entities,
          semantic: similarity,
        })),
      };
    },
    async areVisible(project, asked) {
      await Promise.all(namespacesOfAll(project, asked, namespacesToCheck).map(query));
      return asked.map(({ id }) => isVisible(entries.get(`${project} ${id}`)));
    },
  };
  return { index, total };
};
