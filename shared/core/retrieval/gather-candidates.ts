import { toErrorInfo } from '../../domain/errors.ts';
import { analyze } from '../../domain/memory/analyzer.ts';
import { type Filter, type Partition, withoutText } from '../../domain/memory/filter.ts';
import type { Platform } from '../../ports/platform.ts';
import type { IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import { hasListedMemories } from './listings.ts';
import { type Pointers, type RecentWrites, readPointers, readPointerTargets } from './recent.ts';

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
  /** Longest wait for the vectors of the queries, ms; absent: as long as the embedder takes. */
  vectorWaitMs?: number;
}

/** Where to look for what answers the queries; one vector, list of terms and answer for each query. */
export interface Candidates {
  recent: RecentWrites;
  vectors: readonly Float32Array[];
  /** Whether vectors were wanted and there are none. */
  isLexical: boolean;
  terms: string[][];
  answers: IndexResult[];
}

/** Distinct terms of a query that are looked for: each is held against every memory in reach. */
const maxQueryTerms = 256;

const queryTermsOf = (query: string): string[] =>
  [...new Set(analyze(query))].slice(0, maxQueryTerms);

/** The embedder did not answer in time. */
const late = 'embedder_late';

interface Embedding {
  /** Undefined without an embedder: ranking is lexical then, which beats not answering. Never rejects. */
  vectors: Promise<Float32Array[] | undefined>;
  /** Calls the embedder off while it is still waited for. */
  stop(): void;
}

/** Asks for the vectors of the queries. A call that is late goes on: the next search for the same finds its answer. */
const embedQueries = (
  { embedder, telemetry, clock }: Platform,
  { project, queries, signal, vectorWaitMs }: RecallRequest,
): Embedding => {
  const unneeded = new AbortController();
  const over = new AbortController();
  const stop = signal ? AbortSignal.any([signal, unneeded.signal]) : unneeded.signal;

  const without = (code: string): undefined => {
    if (!unneeded.signal.aborted)
      telemetry.log('warn', 'recall.without_vectors', { project, code });
  };
  const answered = async (): Promise<Float32Array[] | undefined> => {
    try {
      return await embedder.embed(queries, { project, signal: stop });
    } catch (error) {
      return without(toErrorInfo(error).code);
    } finally {
      over.abort();
    }
  };
  const outOfTime = async (ms: number): Promise<undefined> => {
    await clock.sleep(ms, over.signal);
    if (over.signal.aborted) return;
    over.abort();
    without(late);
  };

  const answer = answered();
  const vectors =
    vectorWaitMs === undefined ? answer : Promise.race([answer, outOfTime(vectorWaitMs)]);
  return {
    vectors,
    stop() {
      if (!over.signal.aborted) unneeded.abort();
    },
  };
};

/** Before the operator has put in a key, an index of that key holds nothing yet. */
const missingKeyCode = 'index_key_missing';

/** Hits of the index; none while it has no key: what was written until then is read directly. */
const askIndex = async (
  { vectorIndex, telemetry }: Platform,
  query: IndexQuery,
): Promise<IndexResult> => {
  try {
    return await vectorIndex.query(query);
  } catch (error) {
    if (toErrorInfo(error).code !== missingKeyCode) throw error;
    telemetry.log('warn', 'recall.without_index', { project: query.project });
    return { hits: [] };
  }
};

/** Whether none of what is pointed to can be in the index, nor anything older that nobody points to any more. */
const onlyRoughTurns = ({ isTruncated, memories }: Pointers, { turns }: RecentWrites): boolean =>
  !isTruncated &&
  memories.length === 0 &&
  turns.every(({ state, indexed }) => state !== 'applied' && !indexed);

/**
 * Reads what was written lately, then asks the index for the rest, unless all there is are rough turns. Whether anything
 * is filed must be read after the pointers: a pointer to a turn goes only after its memories were filed, so nothing leaves
 * the one unseen before it is seen in the other.
 */
export const gatherCandidates = async (
  platform: Platform,
  request: RecallRequest,
): Promise<Candidates> => {
  const { project, partitions, filter, queries, depth } = request;
  const embedding = embedQueries(platform, request);
  try {
    const pointers = await readPointers(platform, project, partitions);
    const [recent, areListed] = await Promise.all([
      readPointerTargets(platform, project, pointers),
      hasListedMemories(platform, project, partitions),
    ]);
    const terms = queries.map(queryTermsOf);
    if (!areListed && onlyRoughTurns(pointers, recent))
      return { recent, vectors: [], isLexical: false, terms, answers: [] };
    const embedded = await embedding.vectors;
    const vectors = embedded ?? [];
    const { model } = platform.embedder;
    const answers = await Promise.all(
      terms.map((words, index) => {
        const vector = vectors[index];
        return askIndex(platform, {
          project,
          partitions,
          ...(vector ? { dense: { model, vector } } : {}),
          terms: words,
          filter: withoutText(filter),
          limit: depth,
        });
      }),
    );
    return { recent, vectors, isLexical: !embedded, terms, answers };
  } finally {
    embedding.stop();
  }
};
