import type { S3VectorsClientConfig } from '@aws-sdk/client-s3vectors';
import { RetryableError } from '../../domain/errors.ts';
import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import type { Store } from '../../ports/store.ts';
import type { IndexEntry, VectorIndex } from '../../ports/vector-index.ts';
import { createVectorBucket } from './client.ts';
import { indexesOf, layoutOf, type VectorLayout, vectorKey } from './layout.ts';
import { recordOf } from './record.ts';
import { createSearch } from './search.ts';
import { createWords } from './words.ts';

export interface S3VectorIndexSettings extends VectorLayout {
  /** Holds the words of the entries. */
  store: Pick<Store, 'query' | 'transact'>;
  client?: S3VectorsClientConfig;
}

/**
 * Vector index on Amazon S3 Vectors, whose writes are seen at once. An entry is stored in the index of every entity that it names, and
 * its words, which the service cannot search, are in the store. Texts are never sent. Every write is idempotent: safe to retry, and to
 * repeat after a crash between words and vectors. Concurrent writes of one entry: the last one wins for each vector and each item.
 * All methods throw RetryableError (`index_...`, `store_...`), or TerminalError index_rejected for requests that the service refuses.
 */
export const createS3VectorIndex = (settings: S3VectorIndexSettings): VectorIndex => {
  const { bucket, indexes, dimension, store, client } = settings;
  const layout: VectorLayout = { bucket, indexes, dimension };
  const vectors = createVectorBucket({ bucket, client });
  const words = createWords(store);
  const search = createSearch(vectors, words, layout);

  const checkDimension = (dense: IndexEntry['dense']): void => {
    if (!dense || dense.vector.length === dimension) return;
    const sentence = `The vector index takes vectors of ${dimension} dimensions; those of ${dense.model} have ${dense.vector.length}.`;
    throw new RetryableError('index_dimension', sentence);
  };

  /** Values grouped by the indexes of their entities, the last one of each id. */
  const groupByIndex = <T>(
    project: string,
    values: readonly { named: Tagged; id: string; value: T }[],
  ): { index: string; values: T[] }[] => {
    const groups = new Map<string, Map<string, T>>();
    for (const { named, id, value } of values)
      for (const index of indexesOf(project, named, layout))
        groups.set(index, (groups.get(index) ?? new Map<string, T>()).set(id, value));
    return [...groups].map(([index, byId]) => ({ index, values: [...byId.values()] }));
  };

  const keysByIndex = (project: string, entries: readonly (Tagged & { id: string })[]) =>
    groupByIndex(
      project,
      entries.map((named) => ({ named, id: named.id, value: vectorKey(project, named.id) })),
    );

  return {
    layout: layoutOf(layout),

    async upsert(project, entries) {
      for (const { dense } of entries) checkDimension(dense);
      const records = entries.map((entry) => ({
        named: entry.target,
        id: entry.id,
        value: recordOf(project, entry, dimension),
      }));
      const last = [...new Map(entries.map((entry) => [entry.id, entry])).values()];
      // An entry is visible when its vectors are there: by then its words are.
      await words.put(project, last);
      await mapConcurrent(groupByIndex(project, records), ({ index, values }) =>
        vectors.put(index, values, dimension),
      );
    },

    async remove(project, entries) {
      await mapConcurrent(keysByIndex(project, entries), ({ index, values }) =>
        vectors.remove(index, values),
      );
      await words.remove(project, entries);
    },

    async query(query) {
      checkDimension(query.dense);
      return search(query);
    },

    async areVisible(project, entries) {
      const missing = await mapConcurrent(
        keysByIndex(project, entries),
        async ({ index, values }) => {
          const existing = await vectors.existing(index, values);
          return values.filter((key) => !existing.has(key));
        },
      );
      const invisible = new Set(missing.flat());
      return entries.map(({ id }) => !invisible.has(vectorKey(project, id)));
    },
  };
};
