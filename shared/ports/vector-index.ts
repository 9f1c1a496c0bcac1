import type { Tagged } from '../domain/memory/entities.ts';
import type { Filter, FilterTarget, Partition } from '../domain/memory/filter.ts';
import type { PartHealth } from './health.ts';

/** One version of a memory (or a rough turn), as the index keeps it. `text` of the target is empty: text stays in the store. */
export interface IndexEntry {
  /** `memory#version`: a slow writer can never overwrite a newer version. */
  id: string;
  /** Absent when no embedder could be reached yet: found lexically only. */
  dense?: { model: string; vector: Float32Array };
  /** Stems with their counts. */
  terms: { readonly [stem: string]: number };
  target: FilterTarget;
}

export interface IndexQuery {
  project: string;
  partitions: readonly Partition[];
  dense?: { model: string; vector: Float32Array };
  terms: readonly string[];
  filter?: Filter;
  /** Of each kind, dense and lexical, before they are merged. */
  limit: number;
}

export interface IndexHit extends Tagged {
  id: string;
  /** Cosine with the query, when both have a vector of one model. */
  semantic?: number;
}

export interface IndexAnswer {
  hits: IndexHit[];
  /** How common the query's terms are among what was searched, when the index knows. */
  statistics?: {
    documents: number;
    averageLength: number;
    frequencies: { [stem: string]: number };
  };
}

/** A derived index, eventually consistent; the store decides what a hit means. Every entry is filed under each entity it names. */
export interface VectorIndex {
  /** How entries are spread, where that is the operator's choice: what was written by another layout is out of sight. */
  layout?: string;
  /** Removes all that another layout left of a project. */
  clear?(project: string, layout: string): Promise<void>;
  /** Writing an id again with the same content changes nothing. */
  upsert(project: string, entries: readonly IndexEntry[]): Promise<void>;
  /** Unknown ids are no error. */
  remove(project: string, entries: readonly (Tagged & { id: string })[]): Promise<void>;
  query(query: IndexQuery): Promise<IndexAnswer>;
  /** Which of the entries a query would see now. */
  areVisible(project: string, entries: readonly (Tagged & { id: string })[]): Promise<boolean[]>;
  health?(): PartHealth;
}
