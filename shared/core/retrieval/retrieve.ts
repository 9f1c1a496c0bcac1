import { toErrorInfo } from '../../domain/errors.ts';
import { parseMessageId } from '../../domain/memory/derived-ids.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import { unitCosine } from '../../domain/memory/vector.ts';
import { parseVectorId } from '../../domain/memory/vector-id.ts';
import type { Platform } from '../../ports/platform.ts';
import type { IndexHit } from '../../ports/vector-index.ts';
import { createPace, type Pace } from '../yield-to-loop.ts';
import type { Candidate } from './candidate.ts';
import { type Entry, filterEntries } from './entries.ts';
import { cachedVector, memoryEntry, messageEntry, tryEmbedEntries } from './entry-vectors.ts';
import { gatherCandidates, type RetrieveRequest } from './gather-candidates.ts';
import { hydrate, type VisibleItems } from './hydrate.ts';
import { type Ranked, type RankRequest, rankInSteps } from './rank.ts';
import { type Surroundings, surroundingsOf } from './surroundings.ts';

/** Entries in their order for a query, and the request that ordered them, with a candidate for each. */
interface RankedInContext {
  entries: Entry[];
  ranked: Ranked[];
  request: RankRequest;
}

/** Visible memories and messages that match a filter. */
export interface Retrieved {
  entries: Entry[];
  /** Whether the queries have no vectors, because the embedder failed or was late: ranking uses words alone. */
  isLexical: boolean;
  /** Ranks the entries, best first, for the query at this position. */
  ranked(query: number): Promise<Ranked[]>;
  /** Ranks the entries and what was said around the best of them, for the query at this position. */
  rankedInContext(query: number): Promise<RankedInContext>;
}

/** Removes index entries of old versions that hits came from. A failure is only logged: the next search tries again. */
const removeStaleEntries = async (
  { vectorIndex, telemetry }: Platform,
  project: string,
  visible: VisibleItems,
  hits: readonly (Tagged & { id: string })[],
  pace: Pace,
): Promise<void> => {
  const stale: (Tagged & { id: string })[] = [];
  for (const hit of hits) {
    if (pace.isDue()) await pace.rest();
    const { id, version } = parseVectorId(hit.id);
    if (visible.isStale(id, version)) stale.push(hit);
  }
  if (stale.length === 0) return;
  try {
    await vectorIndex.remove(project, stale);
  } catch (error) {
    telemetry.log('warn', 'index.stale_entry_kept', { code: toErrorInfo(error).code });
  }
};

const idsByKind = (hits: readonly { id: string }[]) => {
  const ids = [...new Set(hits.map((hit) => parseVectorId(hit.id).id))];
  return {
    memories: ids.filter((id) => !parseMessageId(id)),
    messages: ids.flatMap((id) => parseMessageId(id) ?? []),
  };
};

/**
 * Returns a function from an entry to its cosine with a query, by the vector that the index or this process has; undefined
 * without one.
 */
const similarityTo = (
  platform: Platform,
  project: string,
  vector: Float32Array | undefined,
  hits: readonly IndexHit[],
) => {
  const indexScores = new Map(hits.map((hit) => [hit.id, hit.semantic]));
  const knownCosine = (entry: Entry): number | undefined => {
    const cached = cachedVector(platform, project, entry.indexId);
    return cached && vector && unitCosine(cached, vector);
  };
  return (entry: Entry): number | undefined => indexScores.get(entry.indexId) ?? knownCosine(entry);
};

/** Candidates with their cosines. Yields between them, so that other work can run in between. */
function* withSimilarity(
  entries: readonly Entry[],
  similarity: (entry: Entry) => number | undefined,
  cosinesAround: Surroundings['cosinesAround'] = () => undefined,
): Generator<undefined, Candidate[]> {
  const candidates: Candidate[] = [];
  for (const entry of entries) {
    yield;
    const semantic = similarity(entry);
    const around = cosinesAround(entry);
    candidates.push({
      ...entry.candidate,
      ...(semantic === undefined ? {} : { semantic }),
      ...(around === undefined ? {} : { cosinesAround: around }),
    });
  }
  return candidates;
}

/** Newest entries that a search embeds itself when this process has no vectors of them, and the longest wait for that, ms. */
const maxEmbedded = 20;
/** The same for a retrieval without a bound on its wait. */
const maxEmbeddedUnbounded = 256;
const embedWaitMs = 150;

/** Order of entries, the newest writes last. Ids of turns and memories sort by time. */
const recencyOf = (entry: Entry): string =>
  entry.of === 'memory' ? entry.memory.lastWrite : entry.message.turn.id;

/**
 * Embeds the newest entries that have no vector yet, so that what was said or learned just now is ranked by meaning as well. After
 * `embedWaitMs` the rest is ranked by words; the vectors serve the next search. A retrieval without a bound waits.
 */
const embedNewest = async (
  platform: Platform,
  { project, signal, vectorWaitMs }: RetrieveRequest,
  entries: readonly Entry[],
  indexed: ReadonlySet<string>,
): Promise<void> => {
  const { clock } = platform;
  const missing = entries
    .filter(
      ({ indexId }) =>
        !indexed.has(indexId) && cachedVector(platform, project, indexId) === undefined,
    )
    .sort((a, b) => (recencyOf(a) < recencyOf(b) ? 1 : -1))
    .slice(0, vectorWaitMs === undefined ? maxEmbeddedUnbounded : maxEmbedded)
    .map((entry) =>
      entry.of === 'memory' ? memoryEntry(entry.memory) : messageEntry(entry.message),
    );
  if (missing.length === 0) return;
  const ended = new AbortController();
  const embedding = tryEmbedEntries(platform, project, missing, {
    priority: vectorWaitMs === undefined ? 'add' : 'query',
    ...(signal ? { signal } : {}),
  });
  if (vectorWaitMs === undefined) return embedding;
  await Promise.race([
    embedding.finally(() => ended.abort()),
    clock.sleep(embedWaitMs, ended.signal),
  ]);
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
  const { project, queries, showExpired, validity = 'now' } = request;
  const { recent, vectors, isLexical, terms, answers, messages } = await gatherCandidates(
    platform,
    request,
  );
  const hits = [
    ...new Map(answers.flatMap((answer) => answer.hits).map((hit) => [hit.id, hit])).values(),
  ];
  const visible = await hydrate(platform, project, recent, {
    ...idsByKind(hits),
    tagged: hits,
    showExpired,
    now: request.now,
    validity,
    withMessages: messages === 'all',
  });
  const pace = createPace(platform);
  await removeStaleEntries(platform, project, visible, hits, pace);
  const entries = await filterEntries(visible, request.filter, messages, pace);
  const indexed = new Set(hits.flatMap(({ id, semantic }) => (semantic === undefined ? [] : [id])));
  if (vectors.length > 0) await embedNewest(platform, request, entries, indexed);

  const requestOf = async (query: number, around?: Surroundings): Promise<RankRequest> => {
    const { hits: found = [], statistics } = answers[query] ?? {};
    const all = around ? [...entries, ...around.entries] : entries;
    const similarity = similarityTo(platform, project, vectors[query], [
      ...found,
      ...(around?.hits ?? []),
    ]);
    return {
      query: queries[query] ?? '',
      queryTerms: terms[query] ?? [],
      candidates: await pace.run(withSimilarity(all, similarity, around?.cosinesAround)),
      ...(statistics ? { statistics } : {}),
      ...(request.areQuestions === undefined ? {} : { isQuestion: request.areQuestions }),
      model: platform.embedder.model,
      ...(request.lowersMarks ? { lowersMarks: true } : {}),
    };
  };
  const rankedWith = async (query: number, around?: Surroundings): Promise<RankedInContext> => {
    const asked = await requestOf(query, around);
    const ranked = await pace.run(rankInSteps(asked));
    await pace.pause();
    return {
      entries: around ? [...entries, ...around.entries] : entries,
      ranked,
      request: asked,
    };
  };

  return {
    isLexical,
    entries,
    ranked: async (query) => (await rankedWith(query)).ranked,
    async rankedInContext(query) {
      const first = await rankedWith(query);
      if (messages !== 'all' || answers.length === 0) return first;
      const asked = { vector: vectors[query], entries, ranked: first.ranked };
      const around = await surroundingsOf(platform, request, asked, pace);
      return around ? rankedWith(query, around) : first;
    },
  };
};
