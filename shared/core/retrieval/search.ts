import { TerminalError } from '../../domain/errors.ts';
import type { Entities } from '../../domain/memory/entities.ts';
import { type Filter, partitionsOf, requiredEntities } from '../../domain/memory/filter.ts';
import type { ScoredMemory } from '../../domain/memory/memory.ts';
import type { Platform } from '../../ports/platform.ts';
import { memorySpan, recordCount } from '../traced.ts';
import { distinctResults } from './distinct-results.ts';
import type { Entry } from './entries.ts';
import type { Validity } from './hydrate.ts';
import { newerFirst } from './newer-first.ts';
import { askedTime, isAboutThePast } from './past-questions.ts';
import { queryMeaning } from './query-meaning.ts';
import { withAbsoluteDates } from './relative-dates.ts';
import type { Order } from './reorder.ts';
import { type Retrieved, retrieve } from './retrieve.ts';
import { answersOf, fillPlaces } from './select-results.ts';

export interface SearchRequest {
  query: string;
  /** Must positively name an owner (see `partitionsOf`). */
  filter: Filter;
  topK: number;
  /** Lowest score of a result, 0..1. */
  threshold: number;
  /** Whether turns said just now fill places that are left over, whatever their score; not when the caller set a threshold. */
  fills: boolean;
  /** Whether memories that share a word with the query are results below the threshold, too. */
  matchesWords?: boolean;
  showExpired?: boolean;
  /**
   * Time that expiration dates are compared with and that relative dates in the query are resolved by, ms since 1970. Default: the
   * present.
   */
  referenceTime?: number;
  /** Default: memories that are true now, and closed memories as well if the query asks about the past. */
  validity?: Validity;
  /**
   * Whether messages of refined turns are results, too; `unlearnt`: only those of turns that made, changed and repeated no memory, while
   * the others are sources alone. A promise is awaited beside the first read.
   */
  includeMessages?: boolean | 'unlearnt' | Promise<boolean>;
  /** Whether turns that are not refined yet are results; true by default. */
  includeRough?: boolean;
  /** How the results are ordered besides by their scores (`reorder`): by the scores alone by default. */
  order?: Partial<Order>;
}

/** Parts of a search that were not available. */
export type Degraded = 'semantic' | 'rerank';

export interface SearchAnswer {
  memories: ScoredMemory[];
  /**
   * `semantic`: the embedder failed or was late, so the results were found by their words alone. `rerank`: the language model that was to
   * order them did.
   */
  degraded: Degraded[];
}

/** Longest wait for the vector of the query, ms. After this the search is lexical only. */
const vectorWaitMs = 1_500;
/** Bounds of the number of hits that the index is asked for. */
const minDepth = 100;
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

const wantedMessages = async (include: SearchRequest['includeMessages']) =>
  (await include) === false ? 'rough' : 'all';

/** Makes a message a source alone if its turn led to memories, or if it has no words beside its attachments. */
const onlyUnlearnt = (entry: Entry): Entry => {
  if (entry.of !== 'message') return entry;
  const { turn, message } = entry.message;
  const { memoryIds = [], closedIds = [], drawn = {} } = turn;
  const led = memoryIds.length + closedIds.length + Object.keys(drawn).length > 0;
  return led || message.content.trim() === '' ? { ...entry, isOnlySource: true } : entry;
};

/** Orders the results if the request wants more than their scores. The code for that is loaded by the first such request. */
const reordered = async (
  platform: Platform,
  project: string,
  { query, order, topK, referenceTime: now = platform.clock.now() }: SearchRequest,
  found: ScoredMemory[],
): Promise<{ memories: ScoredMemory[]; isReranked: boolean }> => {
  const { recency = 0, diversity = 0, rerank } = order ?? {};
  if (recency === 0 && diversity === 0 && !rerank) return { memories: found, isReranked: true };
  const { reorder } = await import('./reorder.ts');
  const asked = { recency, diversity, ...(rerank && { rerank }) };
  return reorder(platform, project, found, { query, topK, now, order: asked });
};

/** Run that a filter requires, if any. */
const runOf = (filter: Filter): string | undefined => {
  if ('all' in filter) return filter.all.map(runOf).find((run) => run !== undefined);
  return 'entity' in filter && filter.entity === 'run' && 'is' in filter ? filter.is : undefined;
};

/** Makes a query about the user by name one by a pronoun. The code for that is loaded by the first query that may be one. */
const aboutUser = async (
  query: string,
  { user }: Entities,
  entries: readonly Entry[],
): Promise<string> =>
  user &&
  (query.toLowerCase().includes(user.toLowerCase()) ||
    entries.some(({ candidate }) => candidate.text.includes('name')))
    ? (await import('./users-name.ts')).withoutUsersName(query, user, entries)
    : query;

/** Retrieves the candidates for a query; for one that names the user, once more by a pronoun. */
const retrieveAbout = async (
  platform: Platform,
  project: string,
  { query, filter, topK, includeMessages, referenceTime, ...request }: SearchRequest,
): Promise<Retrieved> => {
  const { validity = isAboutThePast(query) ? 'ever' : 'now', showExpired = false } = request;
  const messages = wantedMessages(includeMessages);
  const retrieveBy = (asked: string) =>
    retrieve(platform, {
      project,
      partitions: requirePartitions(filter),
      filter,
      queries: [withAbsoluteDates(asked, referenceTime ?? platform.clock.now())],
      meanings: [queryMeaning(asked)],
      lowersMarks: true,
      depth: Math.min(maxDepth, Math.max(minDepth, topK * 2)),
      showExpired,
      now: referenceTime,
      validity,
      messages,
      vectorWaitMs,
    });
  const retrieved = await retrieveBy(query);
  const asked = await aboutUser(query, requiredEntities(filter), retrieved.entries);
  if (asked === query || retrieved.isLexical) return retrieved;
  const again = await retrieveBy(asked);
  return again.isLexical ? retrieved : again;
};

const findMemories = async (
  platform: Platform,
  project: string,
  request: SearchRequest,
): Promise<SearchAnswer> => {
  const { query, filter, topK, threshold, fills, includeRough = true } = request;
  const retrieved = await retrieveAbout(platform, project, request);
  const run = runOf(filter);
  const { entries, ranked } = await retrieved.rankedInContext(0);
  const considered = request.includeMessages === 'unlearnt' ? entries.map(onlyUnlearnt) : entries;
  const order = includeRough
    ? ranked
    : ranked.filter(({ index }) => entries[index]?.of !== 'rough');
  const selection = {
    topK,
    threshold,
    fills: fills && includeRough,
    matchesWords: request.matchesWords ?? false,
    ...(run === undefined ? {} : { run }),
    now: platform.clock.now(),
  };
  const distinct = distinctResults(answersOf(considered, order, selection));
  const answers = await reordered(
    platform,
    project,
    request,
    newerFirst(distinct, askedTime(query)),
  );
  const memories = fillPlaces(answers.memories.slice(0, topK), considered, order, selection);
  const degraded: Degraded[] = retrieved.isLexical ? ['semantic'] : [];
  return { memories, degraded: answers.isReranked ? degraded : [...degraded, 'rerank'] };
};

/**
 * Returns the memories and messages that answer the query, best first, or in the `order` of the request. Guarantee: every turn accepted before the call is
 * considered, either as its messages or as its memories with the messages as their sources, unless rough turns are left out.
 * @throws RetryableError when the store or the index cannot be reached
 */
export const searchMemories = (
  platform: Platform,
  project: string,
  request: SearchRequest,
): Promise<SearchAnswer> =>
  memorySpan(platform, 'search_memory', { project }, async (span) => {
    const answer = await findMemories(platform, project, request);
    span.set(recordCount(answer.memories.length));
    return answer;
  });
