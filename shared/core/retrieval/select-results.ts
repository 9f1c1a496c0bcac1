import { messageId } from '../../domain/memory/derived-ids.ts';
import { allNamed } from '../../domain/memory/entities.ts';
import type { ScoredMemory } from '../../domain/memory/memory.ts';
import { messageText } from '../../domain/memory/turn.ts';
import type { Entry } from './entries.ts';
import { statedBy } from './messages.ts';
import type { Ranked } from './rank.ts';

export interface Selection {
  topK: number;
  /** Lowest score of a result, 0..1. */
  threshold: number;
  /** Whether an entry that shares a word with the query is a result below the threshold, too. */
  matchesWords: boolean;
  /** Whether turns that were said just now fill places that are left over. */
  fills: boolean;
  /** Run that the filter names: its unrefined turns fill places whatever their age. */
  run?: string;
  /** ms since 1970. */
  now: number;
}

/** Age up to which a turn fills a place that is left over. */
const justNowMs = 60_000;

type Scored = Ranked & { entry: Entry };
type Of<K extends Entry['of']> = Extract<Entry, { of: K }>;

/** Result of one entry, an object of its own, before a better score or a source is added. */
const toResult = ({ entry, score, parts }: Scored): ScoredMemory => ({
  ...entry.view,
  score,
  parts,
});

/** At equal scores a memory goes before a message, then the order of the ranking holds. */
const bestFirst = (a: ScoredMemory, b: ScoredMemory): number =>
  b.score - a.score || Number(a.message !== undefined) - Number(b.message !== undefined);

/** A memory that is a result, with the score of the memory itself. */
interface MemoryResult {
  memory: Of<'memory'>['memory'];
  own: number;
}

/** Results that still state what the message says, best first. */
const statingResults = (
  memories: ReadonlyMap<string, MemoryResult>,
  { message }: Of<'message'>,
): MemoryResult[] =>
  statedBy(message)
    .flatMap(([id, version]) => {
      const result = memories.get(id);
      return result?.memory.textVersion === version ? [result] : [];
    })
    .sort((a, b) => b.own - a.own);

/**
 * Adds a message to the results, unless memories that state it are results: such a memory shows it as its source. Of several,
 * the one that matches best takes the message's score if that is better: the rest of the message is not about the query. A message with
 * outdated words gives no score.
 */
const addMessage = (
  results: Map<string, ScoredMemory>,
  memories: ReadonlyMap<string, MemoryResult>,
  item: Scored,
  entry: Of<'message'>,
): void => {
  const { score, parts } = item;
  const { turn, position, message } = entry.message;
  const stating = statingResults(memories, entry);
  const source = { id: messageId(turn.id, position), text: messageText(message) };
  for (const [at, { memory }] of stating.entries()) {
    const result = results.get(memory.id);
    if (!result) continue;
    if (at === 0 && !entry.isOutdated && score > result.score)
      Object.assign(result, { score, parts });
    result.source ??= source;
  }
  if (stating.length === 0 && !entry.isOnlySource) results.set(entry.view.id, toResult(item));
};

/**
 * Leaves out each message of which a memory is a result, and each message of a rough turn but the best. Of the memories of a
 * message the best takes the better of the two scores, and all show the message as their source.
 */
const fold = (scored: readonly Scored[]): ScoredMemory[] => {
  const results = new Map<string, ScoredMemory>();
  const memories = new Map<string, MemoryResult>();
  for (const item of scored)
    if (item.entry.of === 'memory') {
      const { memory } = item.entry;
      results.set(memory.id, toResult(item));
      memories.set(memory.id, { memory, own: item.score });
    }
  for (const item of scored) {
    const { entry } = item;
    if (entry.of === 'message') addMessage(results, memories, item, entry);
    // Best first: further messages of a rough turn change nothing.
    if (entry.of === 'rough' && !results.has(entry.view.id))
      results.set(entry.view.id, toResult(item));
  }
  return [...results.values()].sort(bestFirst);
};

/** Turns that are not refined yet and may fill places, newest first, without those that are results already. */
const justSaid = (
  entries: readonly Entry[],
  chosen: ReadonlySet<string>,
  { run, now }: Selection,
): Map<string, Entry> => {
  const isRecent = ({ view, message }: Of<'rough'>): boolean =>
    view.turnState === 'pending' &&
    (now - message.turn.createdAt <= justNowMs ||
      allNamed(view).some(({ kind, id }) => kind === 'run' && id === run));
  const turns = new Map<string, Entry>();
  for (const entry of entries)
    if (entry.of === 'rough' && !chosen.has(entry.view.id) && isRecent(entry))
      turns.set(entry.view.id, entry);
  return new Map([...turns].sort(([a], [b]) => (a < b ? 1 : -1)));
};

const scoredEntries = (entries: readonly Entry[], ranked: readonly Ranked[]): Scored[] =>
  ranked.flatMap((item): Scored[] => {
    const { id, index, score, parts } = item;
    const entry = entries[index];
    return entry ? [{ id, index, score, parts, entry }] : [];
  });

/**
 * Returns all answers of a search, best first: memories, rough turns and messages whose score reaches the threshold.
 * @param ranked all entries, best first
 */
export const answersOf = (
  entries: readonly Entry[],
  ranked: readonly Ranked[],
  { threshold, matchesWords }: Pick<Selection, 'threshold' | 'matchesWords'>,
): ScoredMemory[] =>
  // A memory below the threshold may be lifted by its message, and a message below it may be the source of a memory.
  fold(scoredEntries(entries, ranked)).filter(
    ({ score, parts }) => score >= threshold || (matchesWords && parts.bm25 > 0),
  );

/**
 * Fills the places that the answers of a search leave over with what was said just now.
 * @param answers at most `topK`
 * @param ranked all entries, best first
 */
export const fillPlaces = (
  answers: readonly ScoredMemory[],
  entries: readonly Entry[],
  ranked: readonly Ranked[],
  selection: Selection,
): ScoredMemory[] => {
  const { topK, fills } = selection;
  if (!fills || answers.length >= topK) return [...answers];
  const waiting = justSaid(entries, new Set(answers.map(({ id }) => id)), selection);
  const scores = new Map<string, Scored>();
  for (const item of scoredEntries(entries, ranked))
    if (waiting.has(item.entry.view.id) && !scores.has(item.entry.view.id))
      scores.set(item.entry.view.id, item);
  const recent = [...waiting.keys()].flatMap((id) => {
    const item = scores.get(id);
    return item ? [{ ...toResult(item), recent: true }] : [];
  });
  return [...answers, ...recent.slice(0, topK - answers.length)];
};
