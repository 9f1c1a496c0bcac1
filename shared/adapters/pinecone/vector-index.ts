import type { PineconeRecord } from '@pinecone-database/pinecone';
import { RetryableError } from '../../domain/errors.ts';
import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import type { IndexEntry, VectorIndex } from '../../ports/vector-index.ts';
import { batchesByCount, batchesBySize } from './batches.ts';
import { createCall, type PineconeSettings } from './client.ts';
import { createFreshness } from './freshness.ts';
import { layoutOf, namespacesBy, namespacesOf, namespacesToCheck } from './namespace.ts';
import { createNamespaceSearch } from './namespace-search.ts';
import { recordOf } from './record.ts';
import { searchNamespaces } from './search.ts';

export interface PineconeIndexSettings extends PineconeSettings {
  /** Host from the description of the index. */
  host: string;
  /** Number of namespaces per project. A change requires reindexing. */
  buckets: number;
  /** Dimension of the index and of every vector. */
  dimension: number;
}

/**
 * Vector index on Pinecone: dense and sparse values in one dot-product index. An entry is stored in the namespace of every
 * entity that it names. Eventually consistent; texts are never sent. Every write is idempotent: safe to retry, and to
 * repeat after a crash between two namespaces. Concurrent writes of one entry: the last one wins per namespace.
 * All methods throw RetryableError (`index_...`), or TerminalError index_rejected for requests that the service refuses.
 */
export const createPineconeVectorIndex = (settings: PineconeIndexSettings): VectorIndex => {
  const { host, buckets, dimension } = settings;
  const call = createCall(settings, new URL(host.includes('://') ? host : `https://${host}`).host);
  const search = createNamespaceSearch(call, host);
  const freshness = createFreshness();

  const checkDimension = (dense: IndexEntry['dense']): void => {
    if (!dense || dense.vector.length === dimension) return;
    const sentence = `The vector index takes vectors of ${dimension} dimensions; those of ${dense.model} have ${dense.vector.length}.`;
    throw new RetryableError('index_dimension', sentence);
  };

  /** Values grouped by the namespaces of their entities, the last one of each id. */
  const groupByNamespace = <T extends { id: string }>(
    project: string,
    values: readonly { named: Tagged; value: T }[],
    namespacesIn = namespacesOf,
  ): { namespace: string; values: T[] }[] => {
    const namespaces = new Map<string, Map<string, T>>();
    for (const { named, value } of values)
      for (const namespace of namespacesIn(project, named, buckets)) {
        const byId = namespaces.get(namespace) ?? new Map<string, T>();
        namespaces.set(namespace, byId.set(value.id, value));
      }
    return [...namespaces].map(([namespace, byId]) => ({ namespace, values: [...byId.values()] }));
  };

  const upsertBatch = async (namespace: string, records: PineconeRecord[]): Promise<void> => {
    const { response } = await call((sdk) => sdk.index({ host }).upsert({ namespace, records }));
    if (response.writeLsn !== undefined)
      freshness.recordWrite(namespace, records, response.writeLsn);
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
      for (const { dense } of entries) checkDimension(dense);
      const records = entries.map((entry) => ({
        named: entry.target,
        value: recordOf(entry, dimension),
      }));
      const batches = groupByNamespace(project, records).flatMap(({ namespace, values }) =>
        batchesBySize(values).map((batch) => ({ namespace, batch })),
      );
      await mapConcurrent(batches, ({ namespace, batch }) => upsertBatch(namespace, batch));
    },

    async remove(project, entries) {
      const values = entries.map((named) => ({ named, value: { id: named.id } }));
      const batches = groupByNamespace(project, values).flatMap(({ namespace, values: ids }) =>
        batchesByCount(ids.map(({ id }) => id)).map((batch) => ({ namespace, ids: batch })),
      );
      await mapConcurrent(batches, async ({ namespace, ids }) => {
        await call((sdk) => sdk.index({ host }).deleteMany({ namespace, ids }));
        freshness.recordRemoval(namespace, ids);
      });
    },

    async query(query) {
      checkDimension(query.dense);
      return searchNamespaces(search, query, { buckets, dimension });
    },

    async areVisible(project, entries) {
      const values = entries.map((named) => ({ named, value: { id: named.id } }));
      const batches = groupByNamespace(project, values, namespacesToCheck).flatMap(
        ({ namespace, values: ids }) =>
          batchesByCount(ids.map(({ id }) => id)).map((batch) => ({ namespace, batch })),
      );
      const missing = await mapConcurrent(batches, async ({ namespace, batch }) => {
        const { ids, indexedLsn } = await search.findEntries(namespace, batch, dimension);
        return batch.filter(
          (id) => !ids.has(id) || !freshness.isVisible(namespace, id, indexedLsn),
        );
      });
      const invisible = new Set(missing.flat());
      return entries.map(({ id }) => !invisible.has(id));
    },
  };
};
