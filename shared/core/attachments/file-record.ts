import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { lostDigests } from '../../domain/memory/attachment.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Item } from '../../domain/table/items.ts';
import { filesKey, turnKey } from '../../domain/table/keys.ts';
import { dayMs } from '../../domain/time.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { itemExists } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { put, remove, update } from '../steps.ts';
import { removeLostFiles } from './remove-lost-files.ts';

/** Time after which files without a turn are removed: longer than any add takes. */
const abandonedAfterMs = dayMs;

/**
 * Stores the files of a turn before the transaction that accepts it. The record of the files, written first, is deleted by that
 * transaction; its due time leads to the files of a turn that was never accepted.
 */
export const storeFiles = async (
  platform: Platform,
  { project, id, blobs = [] }: Turn,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> => {
  const dueAt = platform.clock.now() + abandonedAfterMs;
  await commit(platform, [put(filesKey(project, id), { blobs, dueAt })]);
  await mapConcurrent([...files], ([digest, bytes]) =>
    platform.blobs.put({ project, turn: id, digest }, bytes),
  );
};

/**
 * Has the files of a turn removed by the worker, now that the turn is known not to be accepted. After a crash the due time of the
 * record removes the files later.
 */
export const abandonFiles = async (
  platform: Platform,
  { project, id }: Pick<Turn, 'project' | 'id'>,
): Promise<void> => {
  const due = { dueAt: platform.clock.now() };
  await commit(platform, [update(filesKey(project, id), due, itemExists)]);
  await enqueueHints(platform, [hints.files(project, id)]);
};

/** The write that records the files of a turn whose text expires at `dueAt`: the record outlives the turn. */
export const recordExpiringFiles = ({ project, id, blobs }: Turn, dueAt: number): Step[] =>
  blobs ? [put(filesKey(project, id), { blobs, dueAt })] : [];

/**
 * Removes the files of a record that is due, unless their turn still has its text: the turn was never accepted, has expired, or was
 * erased. Safe to repeat: the record goes last.
 * @throws RetryableError when the files cannot be removed; the due time stays
 */
const removeRecordedFiles = async (
  platform: Platform,
  project: string,
  turn: string,
): Promise<void> => {
  const key = filesKey(project, turn);
  const record = await platform.store.get(key);
  if (record?.dueAt === undefined || record.dueAt > platform.clock.now()) return;
  // Read after the record: a transaction that accepts the turn deletes the record.
  const owner = await platform.store.get(turnKey(project, turn));
  const digests = owner ? lostDigests(owner) : record.blobs;
  await platform.blobs.remove(digests.map((digest) => ({ project, turn, digest })));
  const next = owner?.expiresAt;
  const isKept = owner && !owner.erased && next !== undefined && next > platform.clock.now();
  await commit(platform, [isKept ? update(key, { dueAt: next }, itemExists) : remove(key)]);
};

/**
 * Removes the files that a turn has lost, and those of a record that is due. Neither the index nor the embedder is asked, so files go
 * while these are down. Returns the turn as it was read. Safe to repeat.
 * @throws RetryableError when the files cannot be removed; the due times stay
 */
export const removeFiles = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<Item<'TURN'> | undefined> => {
  const turn = await platform.store.get(turnKey(project, id));
  if (turn) await removeLostFiles(platform, [turn]);
  if (!turn || turn.blobs) await removeRecordedFiles(platform, project, id);
  return turn;
};
