import type { Turn } from '../../domain/memory/turn.ts';
import { listedTurnKeys, memoryKey, recentKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { recordExpiringFiles } from '../attachments/file-record.ts';
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

/**
 * The writes that end direct reads of an applied turn, with other changes of the turn: its pointers become listing entries, by which a
 * delete-all finds its text. Shortly before the text expires the turn is due once more.
 */
export const endOfDirectReads = (
  { policy, clock }: Platform,
  turn: Turn,
  changes: Partial<Turn> = {},
): Step[] => {
  const { project, id } = turn;
  const { expiresAt } = retention(policy.retainTurnsDays, clock.now());
  const kept = expiresAt === undefined ? {} : { expiresAt };
  const due = expiresAt === undefined ? {} : { dueAt: expiresAt - beforeExpiryMs };
  return [
    update(
      turnKey(project, id),
      { ...changes, ...kept, ...due },
      turnHasTextOf(turn),
      expiresAt === undefined ? ['dueAt'] : [],
    ),
    ...recentKeys(project, turn, id).map((key) => remove(key)),
    ...listedTurnKeys(project, turn, id).map((key) => put(key, { turn: id, ...kept })),
    ...(expiresAt === undefined ? [] : recordExpiringFiles(turn, expiresAt)),
  ];
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
