import { toErrorInfo } from '../../domain/errors.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import type { Filter } from '../../domain/memory/filter.ts';
import { stepMatcherOf } from '../../domain/memory/filter-matcher.ts';
import type { Memory, MemoryView } from '../../domain/memory/memory.ts';
import { cosinesWith } from '../../domain/memory/vector.ts';
import { parseVectorId, vectorId } from '../../domain/memory/vector-id.ts';
import type { Platform } from '../../ports/platform.ts';
import { createPace, type Pace } from '../yield-to-loop.ts';
import { type Candidate, toCandidate } from './candidate.ts';
import { gatherCandidates, type RetrieveRequest } from './gather-candidates.ts';
import { hydrate, type VisibleItems } from './hydrate.ts';
import { type Ranked, rankInSlices } from './rank.ts';
import { roughView, viewOf } from './view.ts';

/** Visible memories and rough turns that match a filter. `views` and `candidates` correspond by position. */
export interface Retrieved {
  /** Refined memories, which correspond to the first entries of `views` and `candidates`. */
  memories: Memory[];
  views: MemoryView[];
  /** Whether the queries have no vectors, because the embedder failed or was late: ranking uses words alone. */
  isLexical: boolean;
  candidates: Candidate[];
  /** Ranks the candidates, best first, for the query at this position. */
  ranked(query: number): Promise<Ranked[]>;
  /** Views that the index cannot rank by meaning yet, because they were written only just now. */
  unindexed: MemoryView[];
}

/** Removes index entries of old versions that hits came from. A failure is only logged: the next search tries again. */
const removeStaleEntries = async (
  { vectorIndex, telemetry }: Platform,
  project: string,
  visible: VisibleItems,
  hits: readonly (Tagged & { id: string })[],
): Promise<void> => {
  const stale = hits.filter((hit) => {
    const { id, version } = parseVectorId(hit.id);
    return visible.isStale(id, version);
  });
  if (stale.length === 0) return;
  try {
    await vectorIndex.remove(project, stale);
  } catch (error) {
    telemetry.log('warn', 'index.stale_entry_kept', { code: toErrorInfo(error).code });
  }
};

const idsByKind = (hits: readonly { id: string }[]) => {
  const parsed = hits.map((hit) => parseVectorId(hit.id));
  return {
    memories: parsed.filter(({ version }) => version > 0).map(({ id }) => id),
    turns: parsed.filter(({ version }) => version === 0).map(({ id }) => id),
  };
};

/** Returns a function from a memory to its cosine with a query, by the vector stored with the memory; undefined without one. */
const storedVectorSimilarity = (vector: Float32Array | undefined, model: string) => {
  const cosine = vector && cosinesWith(vector);
  return (memory: Memory | undefined): number | undefined =>
    memory?.vector !== undefined && memory.vectorModel === model
      ? cosine?.(memory.vector)
      : undefined;
};

/** Candidates that match the filter: memories first, then rough turns. Pauses for the event loop. */
const filterCandidates = async (
  visible: VisibleItems,
  filter: Filter,
  pace: Pace,
): Promise<Pick<Retrieved, 'memories' | 'views' | 'candidates'>> => {
  const memories: Memory[] = [];
  const views: MemoryView[] = [];
  const candidates: Candidate[] = [];
  const matches = stepMatcherOf(filter);
  const add = async (view: MemoryView, memory?: Memory): Promise<void> => {
    if (!(await pace.run(matches(view)))) return;
    if (memory) memories.push(memory);
    views.push(view);
    candidates.push(toCandidate(view, memory));
  };
  for (const memory of visible.memories) {
    if (pace.isDue()) await pace.rest();
    await add(viewOf(memory), memory);
  }
  for (const turn of visible.rough) {
    if (pace.isDue()) await pace.rest();
    await add(roughView(turn));
  }
  return { memories, views, candidates };
};

/**
 * Retrieves the candidates for some queries: recent writes from the store, older ones through the index. The store decides
 * on visibility; the index may lag. Refinement uses the same retrieval as search.
 * @throws RetryableError when the store or the index cannot be reached, rather than return an incomplete answer
 */
export const retrieve = async (
  platform: Platform,
  request: RetrieveRequest,
): Promise<Retrieved> => {
  const { project, filter, queries, showExpired } = request;
  const { recent, vectors, isLexical, terms, answers } = await gatherCandidates(platform, request);
  const { model } = platform.embedder;
  const hits = [
    ...new Map(answers.flatMap((answer) => answer.hits).map((hit) => [hit.id, hit])).values(),
  ];
  const visible = await hydrate(platform, project, recent, {
    ...idsByKind(hits),
    tagged: hits,
    showExpired,
  });
  await removeStaleEntries(platform, project, visible, hits);

  const pace = createPace(platform);
  const { memories, views, candidates } = await filterCandidates(visible, filter, pace);
  const indexed = new Set(hits.map(({ id }) => id));

  const withSemantic = (query: number): Candidate[] => {
    const storedSimilarity = storedVectorSimilarity(vectors[query], model);
    const indexScores = new Map((answers[query]?.hits ?? []).map((hit) => [hit.id, hit.semantic]));
    return candidates.map((candidate, index) => {
      const version = memories[index]?.version ?? 0;
      const semantic =
        storedSimilarity(memories[index]) ?? indexScores.get(vectorId(candidate.id, version));
      return semantic === undefined ? candidate : { ...candidate, semantic };
    });
  };

  return {
    isLexical,
    memories,
    views,
    candidates,
    async ranked(query) {
      const statistics = answers[query]?.statistics;
      const request = {
        query: queries[query] ?? '',
        queryTerms: terms[query] ?? [],
        candidates: withSemantic(query),
        ...(statistics ? { statistics } : {}),
      };
      await pace.pause();
      const ranked = await rankInSlices(request, pace);
      await pace.pause();
      return ranked;
    },
    unindexed: views.filter((view, index) => {
      const memory = memories[index];
      const hasVector = memory?.vector !== undefined && memory.vectorModel === model;
      return view.rough || !(hasVector || indexed.has(vectorId(view.id, view.version)));
    }),
  };
};
