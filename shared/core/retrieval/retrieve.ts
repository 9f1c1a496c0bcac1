import { toErrorInfo } from '../../domain/errors.ts';
import { parseMessageId } from '../../domain/memory/derived-ids.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import type { Filter } from '../../domain/memory/filter.ts';
import { stepMatcherOf } from '../../domain/memory/filter-matcher.ts';
import type { Memory, MemoryView } from '../../domain/memory/memory.ts';
import { unitCosine } from '../../domain/memory/vector.ts';
import { parseVectorId, vectorId } from '../../domain/memory/vector-id.ts';
import type { Platform } from '../../ports/platform.ts';
import type { IndexHit } from '../../ports/vector-index.ts';
import { createPace, type Pace } from '../yield-to-loop.ts';
import { type Candidate, memoryCandidate, messageCandidate } from './candidate.ts';
import { cachedVector, memoryEntry, messageEntry, tryEmbedEntries } from './entry-vectors.ts';
import {
  gatherCandidates,
  type RetrieveRequest,
  type WantedMessages,
} from './gather-candidates.ts';
import { hydrate, type VisibleItems } from './hydrate.ts';
import {
  messageEntryId,
  messagesOf,
  messageView,
  type SpokenMessage,
  statedBy,
} from './messages.ts';
import { type Ranked, type RankRequest, rankInSteps } from './rank.ts';
import { roughView, viewOf } from './view.ts';

/** A memory or a message that matches the filter, with its view, its features, and the id of the index entry of the version read. */
export type Entry = { view: MemoryView; candidate: Candidate; indexId: string } & (
  | { of: 'memory'; memory: Memory }
  /**
   * A message of a refined turn. With `isOnlySource` the message is no result of its own. With `isOutdated` a memory drawn from it was
   * superseded, taken back or edited, so its words say nothing for the others.
   */
  | { of: 'message'; message: SpokenMessage; isOnlySource: boolean; isOutdated: boolean }
  /** A message of a turn that is not refined yet. The view is that of the whole turn. */
  | { of: 'rough'; message: SpokenMessage }
);

/** Visible memories and messages that match a filter. */
export interface Retrieved {
  entries: Entry[];
  /** Whether the queries have no vectors, because the embedder failed or was late: ranking uses words alone. */
  isLexical: boolean;
  /** Returns the ranking request for the query at this position, with a candidate for each entry. */
  request(query: number): Promise<RankRequest>;
  /** Ranks the entries, best first, for the query at this position. */
  ranked(query: number): Promise<Ranked[]>;
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
  vector: Float32Array | undefined,
  hits: readonly IndexHit[],
) => {
  const indexScores = new Map(hits.map((hit) => [hit.id, hit.semantic]));
  const knownCosine = (entry: Entry): number | undefined => {
    const cached = cachedVector(platform, entry.indexId);
    return cached && vector && unitCosine(cached, vector);
  };
  return (entry: Entry): number | undefined => indexScores.get(entry.indexId) ?? knownCosine(entry);
};

/** Candidates with their cosines. Yields between them, so that other work can run in between. */
function* withSimilarity(
  entries: readonly Entry[],
  similarity: (entry: Entry) => number | undefined,
): Generator<undefined, Candidate[]> {
  const candidates: Candidate[] = [];
  for (const entry of entries) {
    yield;
    const semantic = similarity(entry);
    candidates.push(semantic === undefined ? entry.candidate : { ...entry.candidate, semantic });
  }
  return candidates;
}

/** Every visible item as an entry, one by one, since the features of many take long. */
function* entriesOf(
  { memories, messages, rough }: VisibleItems,
  wanted: WantedMessages,
): Generator<Entry> {
  /** Positions of the messages that state a memory, by turn and memory. */
  const positions = new Map<string, Map<string, number>>();
  for (const message of messages) {
    const { turn, position } = message;
    const ofTurn = positions.get(turn.id) ?? new Map<string, number>();
    for (const [id] of statedBy(message)) positions.set(turn.id, ofTurn.set(id, position));
  }
  for (const memory of memories)
    yield {
      of: 'memory',
      memory,
      indexId: vectorId(memory.id, memory.version),
      view: viewOf(memory),
      candidate: memoryCandidate(
        memory,
        positions.get(memory.lineage.at(-1) ?? '')?.get(memory.id),
      ),
    };
  for (const message of messages)
    yield {
      of: 'message',
      message,
      indexId: messageEntryId(message),
      isOnlySource: message.appearance === 'source',
      isOutdated: message.appearance === 'source',
      view: messageView(message),
      candidate: messageCandidate(message),
    };
  for (const turn of wanted === 'none' ? [] : rough) {
    const view = roughView(turn);
    for (const message of messagesOf(turn))
      yield {
        of: 'rough',
        message,
        indexId: messageEntryId(message),
        view,
        candidate: messageCandidate(message),
      };
  }
}

/** Entries that match the filter. Pauses for the event loop. */
const filterEntries = async (
  visible: VisibleItems,
  filter: Filter,
  messages: WantedMessages,
  pace: Pace,
): Promise<Entry[]> => {
  const matching: Entry[] = [];
  const matches = stepMatcherOf(filter);
  // The messages of a rough turn share one view.
  let last: MemoryView | undefined;
  let isMatch = false;
  for (const entry of entriesOf(visible, messages)) {
    if (pace.isDue()) await pace.rest();
    if (entry.view !== last) isMatch = await pace.run(matches(entry.view));
    last = entry.view;
    if (isMatch) matching.push(entry);
  }
  return matching;
};

/** Newest entries that a search embeds itself when this process has no vectors of them, and the longest wait for that, ms. */
const maxEmbedded = 20;
const embedWaitMs = 150;

/** Order of entries, the newest writes last. Ids of turns and memories sort by time. */
const recencyOf = (entry: Entry): string =>
  entry.of === 'memory' ? entry.memory.lastWrite : entry.message.turn.id;

/**
 * Embeds the newest entries that have no vector yet, so that what was said or learned just now is ranked by meaning as well. After
 * `embedWaitMs` the rest is ranked by words; the vectors serve the next search. A retrieval without a bound waits for all.
 */
const embedNewest = async (
  platform: Platform,
  { project, signal, vectorWaitMs }: RetrieveRequest,
  entries: readonly Entry[],
  indexed: ReadonlySet<string>,
): Promise<void> => {
  const { clock } = platform;
  const missing = entries
    .filter(({ indexId }) => !indexed.has(indexId) && cachedVector(platform, indexId) === undefined)
    .sort((a, b) => (recencyOf(a) < recencyOf(b) ? 1 : -1))
    .slice(0, vectorWaitMs === undefined ? undefined : maxEmbedded)
    .map((entry) =>
      entry.of === 'memory' ? memoryEntry(entry.memory) : messageEntry(entry.message),
    );
  if (missing.length === 0) return;
  const ended = new AbortController();
  const embedding = tryEmbedEntries(platform, project, missing, {
    priority: 'query',
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

  const requestOf = async (query: number): Promise<RankRequest> => {
    const { hits: found = [], statistics } = answers[query] ?? {};
    const similarity = similarityTo(platform, vectors[query], found);
    return {
      query: queries[query] ?? '',
      queryTerms: terms[query] ?? [],
      candidates: await pace.run(withSimilarity(entries, similarity)),
      ...(statistics ? { statistics } : {}),
      ...(request.areQuestions === undefined ? {} : { isQuestion: request.areQuestions }),
      model: platform.embedder.model,
      ...(request.lowersMarks ? { lowersMarks: true } : {}),
    };
  };

  return {
    isLexical,
    entries,
    request: requestOf,
    async ranked(query) {
      const ranked = await pace.run(rankInSteps(await requestOf(query)));
      await pace.pause();
      return ranked;
    },
  };
};
