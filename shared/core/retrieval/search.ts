import { TerminalError } from '../../domain/errors.ts';
import { type Filter, partitionsOf } from '../../domain/memory/filter.ts';
import type { MemoryView, ScoredMemory } from '../../domain/memory/memory.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Ranked } from './rank.ts';
import { type Retrieved, retrieve } from './retrieve.ts';

export interface SearchRequest {
  query: string;
  /** Must positively name an owner (see `partitionsOf`). */
  filter: Filter;
  topK: number;
  /** Lowest score of a result, 0..1. */
  threshold: number;
  showExpired?: boolean;
}

/** Parts of a search that were not available. */
export type Degraded = 'semantic';

export interface SearchAnswer {
  memories: ScoredMemory[];
  /** `semantic`: the embedder failed or was late, so the results were found by their words alone. */
  degraded: Degraded[];
}

/** Longest wait for the vector of the query, ms. After this the search is lexical only. */
const vectorWaitMs = 1_500;
/** Bounds of the number of hits that the index is asked for. */
const minDepth = 60;
const maxDepth = 400;

/**
 * Returns the partitions of a filter.
 * @throws TerminalError when the filter names no owner; surfaces reject such filters earlier
 */
export const requirePartitions = (filter: Filter) => {
  const partitions = partitionsOf(filter);
  if (!partitions)
    throw new TerminalError('unscoped', 'The filter names no user, agent, app or run.');
  return partitions;
};

/**
 * Ids of the newest writes that the index cannot rank by meaning yet, for up to half of the places. Such writes are
 * results whatever their score, so that a search right after an add finds the added text.
 */
const unindexedTop = (retrieved: Retrieved, topK: number): Set<string> => {
  const newest = retrieved.unindexed.toSorted(
    (a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1),
  );
  return new Set(newest.slice(0, Math.ceil(topK / 2)).map(({ id }) => id));
};

const selectTop = (
  ranked: readonly Ranked[],
  newest: ReadonlySet<string>,
  { topK, threshold }: SearchRequest,
): Ranked[] => {
  const kept = ranked.filter(({ id, score }) => score >= threshold || newest.has(id));
  const reserved = kept.filter(({ id }) => newest.has(id)).length;
  let freePlaces = topK - reserved;
  return kept.filter(({ id }) => newest.has(id) || freePlaces-- > 0);
};

/**
 * Returns the memories that answer the query, best first. Guarantee: every turn accepted before the call is considered.
 * @throws RetryableError when the store or the index cannot be reached
 */
export const searchMemories = async (
  platform: Platform,
  project: string,
  request: SearchRequest,
): Promise<SearchAnswer> => {
  const retrieved = await retrieve(platform, {
    project,
    partitions: requirePartitions(request.filter),
    filter: request.filter,
    queries: [request.query],
    depth: Math.min(maxDepth, Math.max(minDepth, request.topK * 2)),
    showExpired: request.showExpired ?? false,
    vectorWaitMs,
  });
  const chosen = selectTop(
    await retrieved.ranked(0),
    unindexedTop(retrieved, request.topK),
    request,
  );
  const memories = chosen.flatMap(({ index, score, parts }) => {
    const view: MemoryView | undefined = retrieved.views[index];
    return view ? [{ ...view, score, parts }] : [];
  });
  return { memories, degraded: retrieved.isLexical ? ['semantic'] : [] };
};
