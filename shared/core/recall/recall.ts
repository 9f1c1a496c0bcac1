import type { Named } from '../../domain/entities.ts';
import { faultOf } from '../../domain/errors.ts';
import { type Filter, matches, type Partition, withoutText } from '../../domain/filter.ts';
import type { Memory, MemoryView } from '../../domain/memory.ts';
import { countTerms, termsOf } from '../../domain/terms.ts';
import type { Turn } from '../../domain/turn.ts';
import { cosine, decodeVector } from '../../domain/vector.ts';
import { parseVectorId, vectorId } from '../../domain/vector-id.ts';
import type { Platform } from '../../ports/platform.ts';
import type { IndexAnswer, IndexQuery } from '../../ports/vector-index.ts';
import { type Candidate, type Ranked, rank } from './rank.ts';
import { readRecent } from './recent.ts';
import { resolve, type Visible } from './resolve.ts';
import { roughView, viewOf } from './view.ts';

export interface RecallRequest {
  project: string;
  partitions: readonly Partition[];
  filter: Filter;
  queries: readonly string[];
  /** Hits asked of the index for each query. */
  depth: number;
  showExpired: boolean;
  /** Ends the wait for the embedder; what is found goes on without vectors. */
  signal?: AbortSignal;
}

/** Everything in reach of some queries, each candidate with what is known of it. */
export interface Recalled {
  memories: Memory[];
  views: MemoryView[];
  candidates: Candidate[];
  /** Best first, for the query at this position. */
  ranked(query: number): Ranked[];
  /** Written so lately that the index cannot rank them by meaning yet. */
  fresh: MemoryView[];
  /** The newest turn read directly that is older than this one. */
  turnBefore(turn: string): Turn | undefined;
}

/** Vectors of the queries; without them ranking is lexical, which beats not answering. */
const embedQueries = async (
  { embedder, telemetry }: Platform,
  queries: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> => {
  try {
    return await embedder.embed(queries, signal);
  } catch (error) {
    telemetry.log('warn', 'recall.without_vectors', { code: faultOf(error).code });
    return [];
  }
};

/** Before the operator has put in a key, an index of that key holds nothing yet. */
const noKeyYet = 'index_key_missing';

/** Hits of the index; none while it has no key: what was written until then is read directly. */
const askIndex = async (
  { vectorIndex, telemetry }: Platform,
  query: IndexQuery,
): Promise<IndexAnswer> => {
  try {
    return await vectorIndex.query(query);
  } catch (error) {
    if (faultOf(error).code !== noKeyYet) throw error;
    telemetry.log('warn', 'recall.without_index', { project: query.project });
    return { hits: [] };
  }
};

const dropStale = async (
  { vectorIndex, telemetry }: Platform,
  project: string,
  visible: Visible,
  hits: readonly (Named & { id: string })[],
): Promise<void> => {
  const stale = hits.filter((hit) => {
    const { id, version } = parseVectorId(hit.id);
    return visible.isStale(id, version);
  });
  if (stale.length === 0) return;
  try {
    await vectorIndex.remove(project, stale);
  } catch (error) {
    telemetry.log('warn', 'index.stale_kept', { code: faultOf(error).code });
  }
};

const idsByKind = (hits: readonly { id: string }[]) => {
  const parsed = hits.map((hit) => parseVectorId(hit.id));
  return {
    memories: parsed.filter(({ version }) => version > 0).map(({ id }) => id),
    turns: parsed.filter(({ version }) => version === 0).map(({ id }) => id),
  };
};

const ownVector = (memory: Memory, model: string): Float32Array | undefined =>
  memory.vector !== undefined && memory.vectorModel === model
    ? decodeVector(memory.vector)
    : undefined;

/**
 * Finds what is visible and in reach of the queries: what was written lately is read directly, the rest through the index.
 * @throws RetryableError when the store or the index cannot be reached: an answer with holes would pass for a whole one
 */
export const recall = async (platform: Platform, request: RecallRequest): Promise<Recalled> => {
  const { project, partitions, filter, queries, depth, showExpired } = request;
  const { embedder } = platform;
  const [recent, vectors] = await Promise.all([
    readRecent(platform, project, partitions),
    embedQueries(platform, queries, request.signal),
  ]);
  const terms = queries.map(termsOf);
  const answers: IndexAnswer[] = await Promise.all(
    queries.map((_, index) => {
      const vector = vectors[index];
      return askIndex(platform, {
        project,
        partitions,
        ...(vector ? { dense: { model: embedder.model, vector } } : {}),
        terms: terms[index] ?? [],
        filter: withoutText(filter),
        limit: depth,
      });
    }),
  );
  const hits = [
    ...new Map(answers.flatMap((answer) => answer.hits).map((hit) => [hit.id, hit])).values(),
  ];
  const visible = await resolve(platform, project, recent, {
    ...idsByKind(hits),
    named: hits,
    showExpired,
  });
  await dropStale(platform, project, visible, hits);

  const memories = visible.memories.filter((memory) => matches(filter, viewOf(memory)));
  const rough = visible.rough.filter((turn) => matches(filter, roughView(turn)));
  const views = [...memories.map(viewOf), ...rough.map(roughView)];
  const stored = memories.map((memory) => ownVector(memory, embedder.model));
  const indexed = new Set(hits.map(({ id }) => id));
  const candidates = views.map((view, index): Candidate => {
    const memory = memories[index];
    return {
      id: view.id,
      terms: memory ? memory.terms : countTerms(view.text),
      observedAt: view.observedAt,
      session: view.entities.run ?? view.lineage.at(-1) ?? view.id,
      lineage: view.lineage,
      text: view.text,
      rough: view.rough,
    };
  });

  const semanticOf = (query: number) => {
    const vector = vectors[query];
    const told = new Map((answers[query]?.hits ?? []).map((hit) => [hit.id, hit.semantic]));
    return (index: number): { semantic?: number } => {
      const own = stored[index];
      const view = views[index];
      const semantic =
        vector && own ? cosine(vector, own) : view && told.get(vectorId(view.id, view.version));
      return semantic === undefined ? {} : { semantic };
    };
  };

  return {
    turnBefore: (turn) =>
      recent.turns
        .filter(({ id, erased, sealed }) => id < turn && !erased && !sealed)
        .reduce<Turn | undefined>(
          (newest, t) => (newest && newest.id > t.id ? newest : t),
          undefined,
        ),
    memories,
    views,
    candidates,
    ranked(query) {
      const semantic = semanticOf(query);
      const statistics = answers[query]?.statistics;
      return rank({
        query: queries[query] ?? '',
        queryTerms: terms[query] ?? [],
        candidates: candidates.map((candidate, index) => ({ ...candidate, ...semantic(index) })),
        ...(statistics ? { statistics } : {}),
      });
    },
    fresh: views.filter(
      (view, index) =>
        view.rough || !(stored[index] || indexed.has(vectorId(view.id, view.version))),
    ),
  };
};
