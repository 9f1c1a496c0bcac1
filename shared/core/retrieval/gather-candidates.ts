import { toErrorInfo } from '../../domain/errors.ts';
import { analyze } from '../../domain/memory/analyzer.ts';
import { equalStems } from '../../domain/memory/equal-words.ts';
import {
  type Filter,
  hasCoreConditions,
  indexedConditions,
  type Partition,
} from '../../domain/memory/filter.ts';
import type { EmbedPriority } from '../../ports/embedder.ts';
import type { Platform } from '../../ports/platform.ts';
import type { EntryClass, IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import type { Validity } from './hydrate.ts';
import { isAnythingListed } from './listings.ts';
import { type Pointers, type RecentWrites, readPointers, readPointerTargets } from './recent.ts';

/** Messages that are candidates: of no turn, of turns that are not refined yet, or of all. */
export type WantedMessages = 'none' | 'rough' | 'all';

export interface RetrieveRequest {
  project: string;
  partitions: readonly Partition[];
  filter: Filter;
  queries: readonly string[];
  /** Texts that are embedded in the place of the queries. */
  meanings?: readonly string[];
  /** Whether the queries count as questions, whatever their form. Default: by their form. */
  areQuestions?: boolean;
  /** Whether a certain answer lowers the marks for the other candidates of its query. Default: no. */
  lowersMarks?: boolean;
  /** Priority of the queries at the embedder: `query` by default. */
  priority?: EmbedPriority;
  /** Hits asked of the index for each query. */
  depth: number;
  showExpired: boolean;
  /** Time that expiration dates are compared with, ms since 1970; the present if absent. */
  now?: number | undefined;
  /** Default: now. */
  validity?: Validity;
  /** Candidates among the messages of turns. A promise is awaited beside the first read. */
  messages: WantedMessages | Promise<WantedMessages>;
  /** Aborting this ends the wait for the embedder; retrieval continues without vectors. */
  signal?: AbortSignal;
  /** Longest wait for the vectors of the queries, ms; absent: no bound but the embedder's own. */
  vectorWaitMs?: number;
}

/** Candidates from the two sources, recent writes and the index; one vector, list of terms and index answer per query. */
export interface Candidates {
  recent: RecentWrites;
  vectors: readonly Float32Array[];
  /** Whether the index was queried by words alone, because the embedder gave no vectors. */
  isLexical: boolean;
  terms: string[][];
  answers: IndexResult[];
  messages: WantedMessages;
}

/** Hits asked of the index for a filter that the index applies only in part: many of these may not match, or be messages. */
const partsDepth = 2_000;

/** Distinct terms of a query that are used: each is compared with every candidate. */
const maxQueryTerms = 256;

const queryTermsOf = (query: string): string[] =>
  [...new Set(analyze(query))].slice(0, maxQueryTerms);

/** Longest wait for the vectors of a query that only turns said just now can answer, ms. Words find such turns as well. */
const roughVectorWaitMs = 150;

/** Reason of an abort that ends a wait: without one, each abort makes an exception. */
const ended = 'ended';

/** The result of a promise that never rejects; undefined when it takes longer. */
const withinMs = async <T>({ clock }: Platform, promise: Promise<T>, ms: number) => {
  const isOver = new AbortController();
  const late = clock.sleep(ms, isOver.signal).then(() => undefined);
  return Promise.race([promise.finally(() => isOver.abort(ended)), late]);
};

/** Error code of an embedder that did not answer in time. */
const lateCode = 'embedder_late';

interface Embedding {
  /** Undefined when the embedder fails: ranking is lexical then, which is better than no answer. Never rejects. */
  vectors: Promise<Float32Array[] | undefined>;
  /** Aborts the call to the embedder if its result is still awaited. */
  stop(): void;
}

/**
 * Embeds the queries. A late call is not aborted: the embedder's cache has its answer for the next search with the same
 * query.
 */
const embedQueries = (
  { embedder, telemetry, clock }: Platform,
  {
    project,
    queries,
    meanings = queries,
    priority = 'query',
    signal,
    vectorWaitMs,
  }: RetrieveRequest,
): Embedding => {
  const unneeded = new AbortController();
  const settled = new AbortController();
  const stop = signal ? AbortSignal.any([signal, unneeded.signal]) : unneeded.signal;

  const withoutVectors = (code: string): undefined => {
    if (!unneeded.signal.aborted)
      telemetry.log('warn', 'retrieval.without_vectors', { project, code });
  };
  const embed = async (): Promise<Float32Array[] | undefined> => {
    try {
      return await embedder.embed(meanings, { project, priority, signal: stop });
    } catch (error) {
      return withoutVectors(toErrorInfo(error).code);
    } finally {
      settled.abort(ended);
    }
  };
  const outOfTime = async (ms: number): Promise<undefined> => {
    await clock.sleep(ms, settled.signal);
    if (settled.signal.aborted) return;
    settled.abort(ended);
    withoutVectors(lateCode);
  };

  const answer = embed();
  const vectors =
    vectorWaitMs === undefined ? answer : Promise.race([answer, outOfTime(vectorWaitMs)]);
  return {
    vectors,
    stop() {
      if (!settled.signal.aborted) unneeded.abort();
    },
  };
};

/** Error code of an index whose API key the operator has not set yet. Such an index is empty. */
const missingKeyCode = 'index_key_missing';

/** Queries the index. An index without an API key has no hits: everything written so far has a recent pointer. */
export const queryIndex = async (
  { vectorIndex, telemetry }: Platform,
  query: IndexQuery,
): Promise<IndexResult> => {
  try {
    return await vectorIndex.query(query);
  } catch (error) {
    if (toErrorInfo(error).code !== missingKeyCode) throw error;
    telemetry.log('warn', 'retrieval.without_index', { project: query.project });
    return { hits: [] };
  }
};

/**
 * Classes of index entries that may be candidates. Rough turns are found by the entries of their messages only when there are
 * pointers that were not read.
 */
const classesOf = (
  validity: Validity,
  messages: WantedMessages,
  { isTruncated }: Pointers,
): EntryClass[] => [
  'memory',
  ...(validity === 'now' ? [] : (['closed'] as const)),
  ...(messages === 'all' || (messages === 'rough' && isTruncated) ? (['message'] as const) : []),
];

/**
 * Whether every recent write is an unrefined turn, and there are no older pointers: the index needs no query then, provided
 * that nothing is listed.
 */
const onlyRoughTurns = ({ isTruncated, memories }: Pointers, { turns }: RecentWrites): boolean =>
  !isTruncated && memories.length === 0 && turns.every(({ state }) => state !== 'applied');

/**
 * Reads recent writes from the store, then queries the index for older ones, unless only rough turns exist. Listings are
 * read after the pointers: a turn's pointer is deleted only after its memories were listed, so a memory that is missing
 * from the pointers is found in the listings.
 */
export const gatherCandidates = async (
  platform: Platform,
  request: RetrieveRequest,
): Promise<Candidates> => {
  const { project, partitions, filter, queries, depth, validity = 'now' } = request;
  const embedding = embedQueries(platform, request);
  try {
    const [pointers, messages] = await Promise.all([
      readPointers(platform, project, partitions),
      request.messages,
    ]);
    const [recent, areListed] = await Promise.all([
      readPointerTargets(platform, project, pointers),
      isAnythingListed(platform, project, partitions, {
        closed: validity !== 'now',
        turns: messages === 'all',
      }),
    ]);
    const terms = queries.map(queryTermsOf);
    if (!areListed && onlyRoughTurns(pointers, recent)) {
      const vectors = await withinMs(platform, embedding.vectors, roughVectorWaitMs);
      return { recent, vectors: vectors ?? [], isLexical: false, terms, answers: [], messages };
    }
    const embedded = await embedding.vectors;
    const vectors = embedded ?? [];
    const { model } = platform.embedder;
    const answers = await Promise.all(
      terms.map((words, index) => {
        const vector = vectors[index];
        return queryIndex(platform, {
          project,
          partitions,
          ...(vector ? { dense: { model, vector } } : {}),
          terms: [...new Set(words.flatMap(equalStems))],
          classes: classesOf(validity, messages, pointers),
          filter: indexedConditions(filter),
          limit: hasCoreConditions(filter) ? Math.max(depth, partsDepth) : depth,
        });
      }),
    );
    return { recent, vectors, isLexical: !embedded, terms, answers, messages };
  } finally {
    embedding.stop();
  }
};
