import { TerminalError } from '../../domain/errors.ts';
import { type Filter, partitionsOf } from '../../domain/memory/filter.ts';
import type { MemoryView, ScoredMemory } from '../../domain/memory/memory.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Ranked } from './rank.ts';
import { type Retrieved, retrieve } from './recall.ts';

export interface SearchRequest {
  query: string;
  /** Must positively name an owner. */
  filter: Filter;
  topK: number;
  /** Lowest score, 0..1, that is kept. */
  threshold: number;
  showExpired?: boolean;
}

/** Parts of an answer that are worse than usual. */
export type Degraded = 'semantic';

export interface SearchAnswer {
  memories: ScoredMemory[];
  /** `semantic`: the embedder failed or was late, and what was found was found by its words. */
  degraded: Degraded[];
}

/** A search answers by words rather than wait longer for the vector of its query. */
const vectorWaitMs = 1_500;
const minDepth = 60;
const maxDepth = 400;

/** Partitions of a filter that names an owner; surfaces refuse the others before they get here. */
export const requirePartitions = (filter: Filter) => {
  const partitions = partitionsOf(filter);
  if (!partitions)
    throw new TerminalError('unscoped', 'The filter names no user, agent, app or run.');
  return partitions;
};

/**
 * The newest writes the index cannot rank by meaning yet take up to half of the places, whatever their score: whoever
 * searches right after an add sees what was added.
 */
const unindexedTop = (recalled: Retrieved, topK: number): Set<string> => {
  const fresh = recalled.unindexed.toSorted(
    (a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1),
  );
  return new Set(fresh.slice(0, Math.ceil(topK / 2)).map(({ id }) => id));
};

const select = (
  ranked: readonly Ranked[],
  newest: ReadonlySet<string>,
  { topK, threshold }: SearchRequest,
): Ranked[] => {
  const kept = ranked.filter(({ id, score }) => score >= threshold || newest.has(id));
  const reserved = kept.filter(({ id }) => newest.has(id)).length;
  let open = topK - reserved;
  return kept.filter(({ id }) => newest.has(id) || open-- > 0);
};

/** Memories that answer the query, best first. Every turn accepted before the call is considered. */
export const searchMemories = async (
  platform: Platform,
  project: string,
  request: SearchRequest,
): Promise<SearchAnswer> => {
  const recalled = await retrieve(platform, {
    project,
    partitions: requirePartitions(request.filter),
    filter: request.filter,
    queries: [request.query],
    depth: Math.min(maxDepth, Math.max(minDepth, request.topK * 2)),
    showExpired: request.showExpired ?? false,
    vectorWaitMs,
  });
  const chosen = select(await recalled.ranked(0), unindexedTop(recalled, request.topK), request);
  const memories = chosen.flatMap(({ index, score, parts }) => {
    const view: MemoryView | undefined = recalled.views[index];
    return view ? [{ ...view, score, parts }] : [];
  });
  return { memories, degraded: recalled.isLexical ? ['semantic'] : [] };
};
