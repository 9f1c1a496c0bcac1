import type { MemoryKind } from './description.ts';
import { type AnyKind, anyId, type Entities, type Tagged } from './entities.ts';
import type { Json, Metadata } from './turn.ts';

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'ne';

/** Condition on memories. `is: '*'` matches memories that name any entity of the kind; `isNot` also those that name none. */
export type Filter =
  | { all: Filter[] }
  | { any: Filter[] }
  | { none: Filter[] }
  | { entity: AnyKind; is: string }
  | { entity: AnyKind; isNot: string }
  | { time: 'createdAt' | 'updatedAt' | 'observedAt'; op: Comparison; value: number }
  | { expiresOn: string; op: Comparison }
  /** Compares the first day of the date of what the memory says; one without a date matches `ne` alone. */
  | { occursOn: string; op: Comparison }
  | { category: string; match: 'is' | 'contains' }
  /** A memory without a kind is a fact. */
  | { kind: MemoryKind }
  /** Topic that the memory has, whatever its case. */
  | { tag: string }
  | { metadata: string; op: 'eq' | 'ne' | 'contains'; value: Json }
  /** The key has a value other than null. */
  | { metadata: string; op: 'exists' }
  /** Compares numbers with numbers, ISO 8601 times with such times, else texts with texts; values of another type do not match. */
  | { metadata: string; op: 'gt' | 'gte' | 'lt' | 'lte'; value: number | string }
  | { text: string; ignoreCase: boolean }
  | { ids: string[] };

/** Fields of a memory that filters use. */
export interface FilterTarget extends Tagged {
  id: string;
  text: string;
  metadata: Metadata;
  categories: string[];
  kind?: MemoryKind;
  tags?: string[];
  createdAt: number;
  updatedAt: number;
  observedAt: number;
  expiresOn?: string;
  occursOn?: string;
}

/** Words of an entry whose vector is in an index that finds no words, with what filters need. */
export interface EntryWords {
  class: 'memory' | 'closed' | 'message';
  /** Packed weights of the terms. */
  terms: string;
  target: FilterTarget;
  /** The metadata are left out because of their size: filters pass such an entry. */
  isPartial?: true;
}

/** A listing to read: of one entity, or of the whole project. */
export type Partition = { kind: AnyKind; id: string } | 'project';

/** Returns the entities that every memory the filter matches names. */
export const requiredEntities = (filter: Filter): Entities => {
  if ('all' in filter) return Object.assign({}, ...filter.all.map(requiredEntities));
  return 'entity' in filter && 'is' in filter && filter.is !== anyId
    ? { [filter.entity]: filter.is }
    : {};
};

/**
 * Returns partitions whose listings together contain every memory that the filter can match. Undefined when the filter does not
 * positively name an owner: such reads are rejected.
 */
export const partitionsOf = (filter: Filter): Partition[] | undefined => {
  if ('all' in filter) {
    const found = filter.all.flatMap((part) => {
      const partitions = partitionsOf(part);
      return partitions ? [partitions] : [];
    });
    return found.find((partitions) => !partitions.includes('project')) ?? found[0];
  }
  if ('any' in filter) {
    const found = filter.any.map(partitionsOf);
    if (found.length === 0 || found.includes(undefined)) return undefined;
    const all = found.flatMap((partitions) => partitions ?? []);
    return all.includes('project') ? ['project'] : all;
  }
  if ('entity' in filter && 'is' in filter)
    return filter.is === anyId ? ['project'] : [{ kind: filter.entity, id: filter.is }];
  return undefined;
};

/**
 * Whether an index may be unable to apply a condition of the filter, because it stores only plain values. Hits of such an index
 * may fail to match.
 */
export const hasCoreConditions = (filter: Filter): boolean => {
  if ('all' in filter) return filter.all.some(hasCoreConditions);
  if ('any' in filter) return filter.any.some(hasCoreConditions);
  if ('none' in filter) return filter.none.some(hasCoreConditions);
  if ('kind' in filter || 'tag' in filter || 'occursOn' in filter) return true;
  if (!('metadata' in filter) || filter.op === 'contains') return hasPartConditions(filter);
  return !(filter.op === 'eq' || filter.op === 'ne') || typeof filter.value === 'object';
};

const sumOf = (filters: readonly Filter[]): number =>
  filters.reduce((sum, part) => sum + countPartConditions(part), 0);

/** Counts the conditions on part of a text, of a category or of metadata: each takes time on every memory. */
export const countPartConditions = (filter: Filter): number => {
  if ('all' in filter) return sumOf(filter.all);
  if ('any' in filter) return sumOf(filter.any);
  if ('none' in filter) return sumOf(filter.none);
  if ('metadata' in filter) return filter.op === 'contains' ? 1 : 0;
  return 'text' in filter || ('category' in filter && filter.match === 'contains') ? 1 : 0;
};

const hasPartConditions = (filter: Filter): boolean => countPartConditions(filter) > 0;

/** Whether a condition of the filter reads what no index stores: texts, or the kind of a memory. */
const readsUnindexed = (filter: Filter): boolean => {
  if ('all' in filter) return filter.all.some(readsUnindexed);
  if ('any' in filter) return filter.any.some(readsUnindexed);
  if ('none' in filter) return filter.none.some(readsUnindexed);
  return 'kind' in filter || hasPartConditions(filter);
};

/**
 * Returns a filter that matches at least as much, for an index: without conditions on parts, which take long, and without those on what
 * an index does not store.
 */
export const indexedConditions = (filter: Filter): Filter => {
  if ('all' in filter) return { all: filter.all.map(indexedConditions) };
  if ('any' in filter) return { any: filter.any.map(indexedConditions) };
  if ('none' in filter) return { none: filter.none.filter((part) => !readsUnindexed(part)) };
  return readsUnindexed(filter) ? { all: [] } : filter;
};
