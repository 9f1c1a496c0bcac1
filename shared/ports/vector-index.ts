import type { Tagged } from '../domain/memory/entities.ts';
import type { Filter, FilterTarget, Partition } from '../domain/memory/filter.ts';
import type { Key } from '../domain/table/items.ts';
import type { PartHealth } from './health.ts';
import type { Condition } from './store.ts';

/** Subject of an entry: a live memory, a closed memory, or a message. */
export type EntryClass = 'memory' | 'closed' | 'message';

/** Index entry of one version of a memory or of a message. The target's `text` is empty: texts stay in the store. */
export interface IndexEntry {
  /** `id#version`, so that a slow writer never overwrites a newer version. */
  id: string;
  class: EntryClass;
  /** Absent while no embedder could be reached: the entry is found lexically only. */
  dense?: { model: string; vector: Float32Array };
  /** Term frequencies, by stem. */
  terms: { readonly [stem: string]: number };
  target: FilterTarget;
  /**
   * The item that the entry was made of. An index in the database of the store writes the entry only while the item meets
   * the condition, in one transaction; with any other index, the writer removes an entry that was out of date.
   */
  source?: { key: Key; when: Condition };
}

export interface IndexQuery {
  project: string;
  partitions: readonly Partition[];
  dense?: { model: string; vector: Float32Array };
  terms: readonly string[];
  /** Classes of the entries that may be hits. */
  classes: readonly EntryClass[];
  filter?: Filter;
  /** Most hits of each kind, dense and lexical, before they are merged. */
  limit: number;
}

export interface IndexHit extends Tagged {
  id: string;
  /** Cosine similarity with the query; absent unless both have a vector of the same model. */
  semantic?: number;
}

export interface IndexResult {
  hits: IndexHit[];
  /** Corpus statistics of the query's terms, for BM25; absent when the index has none. */
  statistics?: {
    documents: number;
    averageLength: number;
    frequencies: { [stem: string]: number };
  };
}

/**
 * Dense and lexical index, derived from the store and eventually consistent. A hit is a candidate only: readers check it
 * against the store. An entry is found in the partition of each entity that it names.
 * Every method throws RetryableError when the index cannot be reached.
 */
export interface VectorIndex {
  /**
   * Whether the index is in the database of the store: a query sees every write that resolved before it, and an entry is written only
   * while its source meets the condition.
   */
  isInStore?: boolean;
  /** Sharding of entries, where the operator can choose it. Queries do not see entries of another layout. */
  layout?: string;
  /** Removes all entries of a project that another layout wrote. */
  clear?(project: string, layout: string): Promise<void>;
  /** Writes entries, except those out of date by their source; repeating a write changes nothing. */
  upsert(project: string, entries: readonly IndexEntry[]): Promise<void>;
  /** Removes entries; unknown ids are no error. */
  remove(project: string, entries: readonly (Tagged & { id: string })[]): Promise<void>;
  query(query: IndexQuery): Promise<IndexResult>;
  /** Starts what the first query would wait for. Never rejects: a query tries again and reports the failure. */
  warm?(): Promise<void>;
  /**
   * Whether a query would see each entry now; of an entry that names a user or a run, a query of these. A query of an agent or an app that
   * it names, too, may see it later.
   */
  areVisible(project: string, entries: readonly (Tagged & { id: string })[]): Promise<boolean[]>;
  health?(): PartHealth;
}
