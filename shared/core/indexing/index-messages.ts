import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { messageId } from '../../domain/memory/derived-ids.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import { turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { commit } from '../commit.ts';
import { turnHasTextOf } from '../conditions.ts';
import { messageCandidate } from '../retrieval/candidate.ts';
import { embedEntries, messageEntry } from '../retrieval/entry-vectors.ts';
import {
  isKeptVerbatim,
  messageEntryId,
  messagesOf,
  messageView,
  type SpokenMessage,
} from '../retrieval/messages.ts';
import { readTurns } from '../retrieval/recent.ts';
import { update } from '../steps.ts';
import { endOfDirectReads, mayEndNow } from './end-direct-reads.ts';

/** Turns whose text expires within this time are not indexed again: their entries are being removed. */
const expiryMarginMs = 2 * 3_600_000;

/** Turns of which the state is written at the same time. */
const turnsAtOnce = 32;

const revisionOf = ({ revision = 0 }: Turn): number => revision;

/** Entries of a turn's messages that the index may hold, of the revision that was indexed. */
const indexedMessages = ({ id, entities, index }: Turn) =>
  Array.from({ length: index?.count ?? 0 }, (_, position) => ({
    id: vectorId(messageId(id, position), (index?.revision ?? 0) + 1),
    entities,
  }));

/** Entries that `submit` gave to the index for the turn as it is now. */
export const submittedMessages = (turn: Turn) =>
  messagesOf(turn).map((message) => ({ id: messageEntryId(message), entities: turn.entities }));

/** Entries of single messages of a turn, as `submit` names them. */
const entriesAt = ({ id, entities, revision = 0 }: Turn, positions: readonly number[]) =>
  positions.map((position) => ({ id: vectorId(messageId(id, position), revision + 1), entities }));

const hasText = ({ state, erased }: Turn): boolean => state !== 'cancelled' && !erased;

/** Removes the messages that turns have lost from the index: all of those that ended, of others the erased ones. Safe to repeat. */
export const removeLostMessages = async (
  { vectorIndex }: Platform,
  project: string,
  turns: readonly Turn[],
): Promise<void> => {
  const entries = turns.flatMap((turn) =>
    hasText(turn) ? entriesAt(turn, turn.erasedEntries?.positions ?? []) : indexedMessages(turn),
  );
  if (entries.length > 0) await vectorIndex.remove(project, entries);
};

/** Removes the entries of the turns' messages from the index. Safe to repeat. */
export const removeMessages = async (
  { vectorIndex }: Platform,
  project: string,
  turns: readonly Turn[],
): Promise<void> => {
  const entries = turns.flatMap(indexedMessages);
  if (entries.length > 0) await vectorIndex.remove(project, entries);
};

const entryOf = (
  platform: Platform,
  message: SpokenMessage,
  vector: Float32Array | undefined,
): IndexEntry => {
  const { id, entities, metadata, categories, createdAt, updatedAt, observedAt } =
    messageView(message);
  const { expiresOn } = message.turn.options;
  return {
    id: messageEntryId(message),
    class: 'message',
    ...(vector ? { dense: { model: platform.embedder.model, vector } } : {}),
    terms: messageCandidate(message).terms,
    source: {
      key: turnKey(message.turn.project, message.turn.id),
      when: turnHasTextOf(message.turn),
    },
    target: {
      id,
      text: '',
      entities,
      metadata,
      categories,
      createdAt,
      updatedAt,
      observedAt,
      ...(expiresOn === undefined ? {} : { expiresOn }),
    },
  };
};

/** Whether the messages of the turn have to be given to the index. */
export const needsIndexing = (turn: Turn): boolean =>
  hasText(turn) &&
  !isKeptVerbatim(turn) &&
  (turn.index?.submittedAt === undefined || turn.index.revision !== revisionOf(turn));

/**
 * Record of the entries that will be written of a turn that is being applied with these changes, which spares the indexer a write; none if
 * the index may hold entries of another revision, or will hold none.
 */
export const entriesToCome = (turn: Turn, changes: Partial<Turn>): Pick<Turn, 'index'> => {
  const applied: Turn = { ...turn, ...changes, state: 'applied' };
  if (turn.index || isKeptVerbatim(applied)) return {};
  return { index: { revision: revisionOf(applied), count: applied.messages.length } };
};

/**
 * Removes the entries of an earlier revision, then records on the turn which entries are about to be written. False when the turn
 * was erased, corrected or relieved of a message since it was read: it is due then.
 */
const mark = async (platform: Platform, turn: Turn): Promise<boolean> => {
  const revision = revisionOf(turn);
  if (turn.index && turn.index.revision !== revision)
    await removeMessages(platform, turn.project, [turn]);
  const index = { revision, count: turn.messages.length };
  if (turn.index?.revision === revision && turn.index.count === index.count) return true;
  const marked = update(turnKey(turn.project, turn.id), { index }, turnHasTextOf(turn));
  return (await commit(platform, [marked])).committed;
};

/** Positions of messages that the turn had when its entries were written, and has no more. */
const positionsErasedSince = (submitted: Turn, current: Turn): number[] => {
  const left = new Set(messagesOf(current).map(({ position }) => position));
  return messagesOf(submitted).flatMap(({ position }) => (left.has(position) ? [] : [position]));
};

/**
 * Records that the entries were submitted, and ends direct reads of the turn with it where nothing is to be waited for. Removes those of
 * messages that were erased meanwhile, and all of them when the turn was erased or corrected: the removal by the due time may have come
 * before they were written.
 */
const recordSubmitted = async (platform: Platform, submitted: Turn): Promise<void> => {
  const revision = revisionOf(submitted);
  const { store, vectorIndex, clock, embedder } = platform;
  const count = submitted.messages.length;
  const index = { revision, count, submittedAt: clock.now(), model: embedder.model };
  const key = turnKey(submitted.project, submitted.id);
  let turn = submitted;
  // An entry that the index refused is missing: the due time leads to another check.
  const areShown = async (): Promise<boolean> =>
    (
      await vectorIndex.areVisible(submitted.project, submittedMessages({ ...submitted, index }))
    ).every(Boolean);
  let steps =
    (await mayEndNow(platform, submitted)) && (await areShown())
      ? endOfDirectReads(platform, submitted, { index })
      : [update(key, { index }, turnHasTextOf(submitted))];
  while (!(await commit(platform, steps)).committed) {
    const current = await store.get(key);
    if (!current || !hasText(current) || revisionOf(current) !== revision)
      return removeMessages(platform, submitted.project, [{ ...submitted, index }]);
    const erased = entriesAt(submitted, positionsErasedSince(submitted, current));
    if (erased.length > 0) await vectorIndex.remove(submitted.project, erased);
    turn = current;
    // An entry that was refused, since its turn had changed, is missing: the due time leads to another check.
    steps = [update(key, { index }, turnHasTextOf(turn))];
  }
};

const submit = async (
  platform: Platform,
  project: string,
  turns: readonly Turn[],
): Promise<void> => {
  const messages = turns.flatMap(messagesOf);
  if (messages.length > 0) {
    const vectors = await embedEntries(platform, project, messages.map(messageEntry));
    const entries = messages.map((message) =>
      entryOf(platform, message, vectors.get(messageEntryId(message))),
    );
    await platform.vectorIndex.upsert(project, entries);
  }
  await mapConcurrent(turns, (turn) => recordSubmitted(platform, turn), turnsAtOnce);
};

/**
 * Gives the messages of turns to the index, each as an entry of its own; turns that are indexed, ended or erased are skipped.
 * Safe to repeat and to run concurrently. After a crash the due time of a turn leads here again.
 * @throws RetryableError when the index, the embedder or the store cannot be reached
 */
export const indexMessages = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<void> => {
  const behind = (await readTurns(platform, project, ids)).filter(needsIndexing);
  const isMarked = await mapConcurrent(behind, (turn) => mark(platform, turn), turnsAtOnce);
  await submit(
    platform,
    project,
    behind.filter((_, index) => isMarked[index]),
  );
};

/**
 * Gives messages that the index holds to it again: all of them, or those with a vector of another embedder. Returns the number of
 * turns. Messages that are about to expire stay as they are. Safe to repeat: the entries have the same ids.
 * @throws RetryableError when the index, the embedder or the store cannot be reached
 */
export const reindexMessages = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
  which: 'all' | 'of another embedder',
): Promise<number> => {
  const { clock, embedder } = platform;
  const read: (Turn & { expiresAt?: number })[] = await readTurns(platform, project, ids);
  const turns = read.filter(
    ({ index, expiresAt, ...turn }) =>
      index?.submittedAt !== undefined &&
      !needsIndexing({ ...turn, index }) &&
      turn.state !== 'cancelled' &&
      !turn.erased &&
      (which === 'all' || index.model !== embedder.model) &&
      (expiresAt === undefined || expiresAt - clock.now() > expiryMarginMs),
  );
  await submit(platform, project, turns);
  return turns.length;
};
