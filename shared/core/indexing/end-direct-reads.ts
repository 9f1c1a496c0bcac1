import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { listedTurnKeys, memoryKey, recentKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { recordExpiringFiles } from '../attachments/file-record.ts';
import { commit } from '../commit.ts';
import { turnHasTextOf } from '../conditions.ts';
import { put, remove, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { directReadGraceMs } from './index-delays.ts';

/** Time between the removal of a turn's messages from the index and the expiry of the turn's text. */
export const beforeExpiryMs = 3_600_000;

/** A turn as it was read, with the attributes of an item that is due. */
export type DueTurn = Turn & { dueAt?: number; expiresAt?: number };

/** Whether the index holds all memories that the turn wrote. */
export const areMemoriesIndexed = async ({ store }: Platform, turn: Turn): Promise<boolean> => {
  const ids = [...(turn.memoryIds ?? []), ...(turn.closedIds ?? [])];
  const memories = await store.getMany(ids.map((id) => memoryKey(turn.project, id)));
  return memories.every((memory) => memory?.state === 'deleted' || memory?.dueAt === undefined);
};

/** The writes that end direct reads of an applied turn, in the order in which they may be committed one by one. */
interface EndOfDirectReads {
  /** Entries of the turn in listings, by which a delete-all finds its text. */
  listings: Step[];
  /** Removals of the pointers, which the entries replace. */
  pointers: Step[];
  /** Other changes of the turn, and its due time: shortly before its text expires the turn is due once more. */
  turn: Step[];
}

const endWrites = (
  { policy, clock }: Platform,
  turn: Turn,
  changes: Partial<Turn>,
): EndOfDirectReads => {
  const { project, id } = turn;
  const { expiresAt } = retention(policy.retainTurnsDays, clock.now());
  const kept = expiresAt === undefined ? {} : { expiresAt };
  const due = expiresAt === undefined ? {} : { dueAt: expiresAt - beforeExpiryMs };
  return {
    listings: listedTurnKeys(project, turn, id).map((key) => put(key, { turn: id, ...kept })),
    pointers: recentKeys(project, turn, id).map((key) => remove(key)),
    turn: [
      update(
        turnKey(project, id),
        { ...changes, ...kept, ...due },
        turnHasTextOf(turn),
        expiresAt === undefined ? ['dueAt'] : [],
      ),
      ...(expiresAt === undefined ? [] : recordExpiringFiles(turn, expiresAt)),
    ],
  };
};

/** The writes that end direct reads of an applied turn in one transaction, together with other changes of the turn. */
export const endOfDirectReads = (
  platform: Platform,
  turn: Turn,
  changes: Partial<Turn> = {},
): Step[] => {
  const { listings, pointers, turn: ofTurn } = endWrites(platform, turn, changes);
  return [...ofTurn, ...pointers, ...listings];
};

/**
 * Ends direct reads of an applied turn: in one transaction in the database of the index, where that is one write to disk, else in single
 * writes, since those of a transaction are charged twice. A reader of the pointers and then of the listings finds the turn, and after a
 * crash its due time leads here again. Safe to repeat. The listings of a turn that is erased meanwhile are removed here, or with the second
 * removal of its messages (`inFlightWriteMs`).
 */
export const endDirectReadsOf = async (
  platform: Platform,
  turn: Turn,
  changes: Partial<Turn>,
): Promise<void> => {
  if (platform.vectorIndex.isInStore) {
    await commit(platform, endOfDirectReads(platform, turn, changes));
    return;
  }
  const { listings, pointers, turn: ofTurn } = endWrites(platform, turn, changes);
  await mapConcurrent(listings, (step) => commit(platform, [step]));
  await mapConcurrent(pointers, (step) => commit(platform, [step]));
  const { committed } = await commit(platform, ofTurn);
  if (committed) return;
  const current = await platform.store.get(turnKey(turn.project, turn.id));
  if (!current?.erased) return;
  await mapConcurrent(listings, ({ key }) => commit(platform, [remove(key)]));
};

/**
 * Whether direct reads of a turn may end as soon as its messages are in the index: the index is in the database of the store and has the
 * turn's memories, and no write may be in flight. A turn with files is checked when it is due.
 */
export const mayEndNow = async (platform: Platform, turn: DueTurn): Promise<boolean> =>
  directReadGraceMs(platform.vectorIndex) === 0 &&
  turn.state === 'applied' &&
  turn.dueAt !== undefined &&
  turn.expiresAt === undefined &&
  !turn.erased &&
  !turn.erasedEntries &&
  !turn.blobs &&
  (await areMemoriesIndexed(platform, turn));
