import type { PineconeRecord } from '@pinecone-database/pinecone';
import { RetryableError } from '../../domain/errors.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import type { IndexEntry, VectorIndex } from '../../ports/vector-index.ts';
import { batchesByCount, batchesBySize } from './batches.ts';
import { createCall, type PineconeSettings } from './client.ts';
import { createFreshness } from './freshness.ts';
import { mapConcurrent } from './map-concurrent.ts';
import { layoutOf, namespacesBy, namespacesOf } from './namespace.ts';
import { createNamespaceSearch } from './namespace-search.ts';
import { recordOf } from './record.ts';
import { searchPlaces } from './search.ts';

export interface PineconeIndexSettings extends PineconeSettings {
  /** Of the index, as its description tells it. */
  host: string;
  /** Namespaces a project is spread over; another number means indexing anew. */
  buckets: number;
  /** Of the index, and of every vector. */
  dimension: number;
}

/**
 * The vector index on Pinecone: dense and sparse values in one dot product index, each entry filed in the namespace of
 * every entity it names. Eventually consistent; texts never leave. Everything it sends may be sent again.
 * All methods throw RetryableError (`index_...`), or TerminalError index_rejected for what the service does not take.
 */
export const createPineconeVectorIndex = (settings: PineconeIndexSettings): VectorIndex => {
  const { host, buckets, dimension } = settings;
  const call = createCall(settings, new URL(host.includes('://') ? host : `https://${host}`).host);
  const search = createNamespaceSearch(call, host);
  const freshness = createFreshness();

  const checkLength = (dense: IndexEntry['dense']): void => {
    if (!dense || dense.vector.length === dimension) return;
    const sentence = `The vector index takes vectors of ${dimension} dimensions; those of ${dense.model} have ${dense.vector.length}.`;
    throw new RetryableError('index_dimension', sentence);
  };

  /** The values by the namespaces of what they stand for, each id once: the last. */
  const groupByNamespace = <T extends { id: string }>(
    project: string,
    values: readonly { named: Tagged; value: T }[],
  ): { namespace: string; values: T[] }[] => {
    const namespaces = new Map<string, Map<string, T>>();
    for (const { named, value } of values)
      for (const namespace of namespacesOf(project, named, buckets)) {
        const held = namespaces.get(namespace) ?? new Map<string, T>();
        namespaces.set(namespace, held.set(value.id, value));
      }
    return [...namespaces].map(([namespace, held]) => ({ namespace, values: [...held.values()] }));
  };

  const put = async (namespace: string, records: PineconeRecord[]): Promise<void> => {
    const { answered } = await call((sdk) => sdk.index({ host }).upsert({ namespace, records }));
    if (answered.written !== undefined) freshness.wrote(namespace, records, answered.written);
  };

  return {
    layout: layoutOf(buckets),

    async clear(project, layout) {
      if (layout === layoutOf(buckets)) return;
      await mapConcurrent(namespacesBy(project, layout), (namespace) =>
        call((sdk) => sdk.index({ host }).deleteAll({ namespace })),
      );
    },

    async upsert(project, entries) {
      for (const { dense } of entries) checkLength(dense);
      const records = entries.map((entry) => ({
        named: entry.target,
        value: recordOf(entry, dimension),
      }));
      const batches = groupByNamespace(project, records).flatMap(({ namespace, values }) =>
        batchesBySize(values).map((batch) => ({ namespace, batch })),
      );
      await mapConcurrent(batches, ({ namespace, batch }) => put(namespace, batch));
    },

    async remove(project, entries) {
      const values = entries.map((named) => ({ named, value: { id: named.id } }));
      const batches = groupByNamespace(project, values).flatMap((place) =>
        batchesByCount(place.values).map((batch) => ({ ...place, ids: batch.map(({ id }) => id) })),
      );
      await mapConcurrent(batches, async ({ namespace, ids }) => {
        await call((sdk) => sdk.index({ host }).deleteMany({ namespace, ids }));
        freshness.removed(namespace, ids);
      });
    },

    async query(query) {
      checkLength(query.dense);
      return searchPlaces(search, query, { buckets, dimension });
    },

    async areVisible(project, entries) {
      const values = entries.map((named) => ({ named, value: { id: named.id } }));
      const batches = groupByNamespace(project, values).flatMap(({ namespace, values: ids }) =>
        batchesByCount(ids.map(({ id }) => id)).map((batch) => ({ namespace, batch })),
      );
      const missing = await mapConcurrent(batches, async ({ namespace, batch }) => {
        const { ids, indexed } = await search.seen(namespace, batch, dimension);
        return batch.filter((id) => !ids.has(id) || !freshness.isVisible(namespace, id, indexed));
      });
      const unseen = new Set(missing.flat());
      return entries.map(({ id }) => !unseen.has(id));
    },
  };
};
