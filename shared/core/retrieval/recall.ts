import { toErrorInfo } from '../../domain/errors.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import type { Filter } from '../../domain/memory/filter.ts';
import { matcherOf } from '../../domain/memory/filter-matcher.ts';
import type { Memory, MemoryView } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { cosinesWith } from '../../domain/memory/vector.ts';
import { parseVectorId, vectorId } from '../../domain/memory/vector-id.ts';
import type { Platform } from '../../ports/platform.ts';
import { createPace, type Pace } from '../yield-to-loop.ts';
import { gatherCandidates, type RecallRequest } from './gather-candidates.ts';
import { hydrate, type Visible } from './hydrate.ts';
import { type Candidate, type Ranked, rankInSlices } from './rank.ts';
import { roughTerms } from './rough-terms.ts';
import { roughView, viewOf } from './view.ts';

/** Everything in reach of some queries, each candidate with what is known of it. */
export interface Retrieved {
  memories: Memory[];
  views: MemoryView[];
  /** Whether the queries have no vectors, for want of an embedder: ranking goes by words alone. */
  isLexical: boolean;
  candidates: Candidate[];
  /** Best first, for the query at this position. */
  ranked(query: number): Promise<Ranked[]>;
  /** Written so lately that the index cannot rank them by meaning yet. */
  unindexed: MemoryView[];
  /** The newest turn read directly that is older than this one. */
  turnBefore(turn: string): Turn | undefined;
}

const dropStale = async (
  { vectorIndex, telemetry }: Platform,
  project: string,
  visible: Visible,
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

/** Cosine of a query with a memory, from the vector that stands beside the memory; undefined where there is none. */
const storedVectorSimilarity = (vector: Float32Array | undefined, model: string) => {
  const cosine = vector && cosinesWith(vector);
  return (memory: Memory | undefined): number | undefined =>
    memory?.vector !== undefined && memory.vectorModel === model
      ? cosine?.(memory.vector)
      : undefined;
};

const candidateOf = (view: MemoryView, memory: Memory | undefined): Candidate => ({
  id: view.id,
  terms: memory ? memory.terms : roughTerms(view),
  observedAt: view.observedAt,
  session: view.entities.run ?? view.lineage.at(-1) ?? view.id,
  lineage: view.lineage,
  text: view.text,
  rough: view.rough,
});

/** What matches, in slices. What stands at a place of `memories` stands there in `views` and `candidates`, too. */
const candidatesOf = async (
  visible: Visible,
  filter: Filter,
  pace: Pace,
): Promise<Pick<Retrieved, 'memories' | 'views' | 'candidates'>> => {
  const memories: Memory[] = [];
  const views: MemoryView[] = [];
  const candidates: Candidate[] = [];
  const matches = matcherOf(filter);
  const take = (view: MemoryView, memory?: Memory): void => {
    if (!matches(view)) return;
    if (memory) memories.push(memory);
    views.push(view);
    candidates.push(candidateOf(view, memory));
  };
  for (const memory of visible.memories) {
    if (pace.isDue()) await pace.rest();
    take(viewOf(memory), memory);
  }
  for (const turn of visible.rough) {
    if (pace.isDue()) await pace.rest();
    take(roughView(turn));
  }
  return { memories, views, candidates };
};

/**
 * Finds what is visible and in reach of the queries: what was written lately is read directly, the rest through the index.
 * @throws RetryableError when the store or the index cannot be reached: an answer with holes would pass for a whole one
 */
export const retrieve = async (platform: Platform, request: RecallRequest): Promise<Retrieved> => {
  const { project, filter, queries, showExpired } = request;
  const { recent, vectors, isLexical, terms, answers } = await gatherCandidates(platform, request);
  const { model } = platform.embedder;
  const hits = [
    ...new Map(answers.flatMap((answer) => answer.hits).map((hit) => [hit.id, hit])).values(),
  ];
  const visible = await hydrate(platform, project, recent, {
    ...idsByKind(hits),
    named: hits,
    showExpired,
  });
  await dropStale(platform, project, visible, hits);

  const pace = createPace(platform);
  const { memories, views, candidates } = await candidatesOf(visible, filter, pace);
  const indexed = new Set(hits.map(({ id }) => id));

  const withSemantic = (query: number): Candidate[] => {
    const own = storedVectorSimilarity(vectors[query], model);
    const indexScores = new Map((answers[query]?.hits ?? []).map((hit) => [hit.id, hit.semantic]));
    return candidates.map((candidate, index) => {
      const version = memories[index]?.version ?? 0;
      const semantic = own(memories[index]) ?? indexScores.get(vectorId(candidate.id, version));
      return semantic === undefined ? candidate : { ...candidate, semantic };
    });
  };

  return {
    isLexical,
    turnBefore: (turn) =>
      recent.turns
        .filter(({ id, erased, quotingForbidden }) => id < turn && !erased && !quotingForbidden)
        .reduce<Turn | undefined>(
          (newest, t) => (newest && newest.id > t.id ? newest : t),
          undefined,
        ),
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
      const isKept = memory?.vector !== undefined && memory.vectorModel === model;
      return view.rough || !(isKept || indexed.has(vectorId(view.id, view.version)));
    }),
  };
};
