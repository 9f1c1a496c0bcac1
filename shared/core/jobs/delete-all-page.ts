import { isCutOff } from '../../domain/memory/cutoff-index.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Job } from '../../domain/table/items.ts';
import { memoryKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { isDeletedByCutoff } from '../cutoffs.ts';
import { cancelTurn } from '../erasure/cancel-turn.ts';
import { deleteLiveMemory } from '../erasure/delete-live-memory.ts';
import { deleteClosedMemory } from '../erasure/erase-memory.ts';
import { eraseFromChanges, eraseTurnText } from '../erasure/erase-turn.ts';
import { removeMessages } from '../indexing/index-messages.ts';
import { publishStaged } from '../indexing/publish-staged.ts';
import { syncIndex } from '../indexing/sync-index.ts';
import { readTurns } from '../retrieval/recent.ts';
import { createJobCounter, type JobCounter } from './job-counter.ts';
import {
  formatCursor,
  listingsToScan,
  nextPosition,
  type PageResult,
  parseCursor,
} from './scan-cursor.ts';

const pageSize = 100;

/** Cancels turns that are not refined, and erases the text of all, with what the changes of their events quote. */
const deleteTurns = async (
  platform: Platform,
  job: Job,
  counter: JobCounter,
  ids: readonly string[],
) => {
  const cutoffs = [{ match: job.match, before: job.before }];
  for (const turn of await readTurns(platform, job.project, ids)) {
    if (!isCutOff(turn, cutoffs)) continue;
    if (turn.state === 'applied') {
      await eraseTurnText(platform, turn);
      await eraseFromChanges(platform, job.project, turn.event);
    } else if (await counter.count('turns', (counting) => cancelTurn(platform, turn, counting))) {
      const ended = await platform.store.get(turnKey(job.project, turn.id));
      if (ended) await removeMessages(platform, ended);
    }
  }
};

const deleteOne = async (platform: Platform, job: Job, counter: JobCounter, memory: Memory) => {
  const cutoffs = [{ match: job.match, before: job.before }];
  if (!isDeletedByCutoff(memory, cutoffs)) return;
  if (memory.state === 'closed') {
    await deleteClosedMemory(platform, memory);
    return;
  }
  // A memory staged by a turn that was cancelled is removed by `publishStaged`.
  if (!(await publishStaged(platform, memory))) return;
  let current: Memory | undefined = memory;
  while (current?.state === 'live' && isDeletedByCutoff(current, cutoffs)) {
    const subject = current;
    const isDone = await counter.count('memories', (counting) =>
      deleteLiveMemory(platform, subject, { event: job.id, extraWrites: counting }),
    );
    if (isDone) return;
    current = await platform.store.get(memoryKey(job.project, memory.id));
  }
};

const deleteMemories = async (
  platform: Platform,
  job: Job,
  counter: JobCounter,
  ids: readonly string[],
) => {
  const keys = [...new Set(ids)].map((id) => memoryKey(job.project, id));
  for (const memory of await platform.store.getMany(keys))
    if (memory) await deleteOne(platform, job, counter, memory);
  const deleted = (await platform.store.getMany(keys)).flatMap((memory) =>
    memory?.state === 'deleted' ? [memory.id] : [],
  );
  // The index holds terms and metadata of the deleted memories, and has to lose them before the job succeeds.
  await syncIndex(platform, job.project, deleted);
};

/**
 * Deletes one page of a delete-all: all pages of turns come first, so that none is applied after its memories were
 * scanned. Safe to repeat: each deletion is counted in its own transaction.
 * @throws JobLeaseLost
 */
export const deleteAllPage = async (
  platform: Platform,
  job: Job,
  cursor: string | undefined,
): Promise<PageResult> => {
  const listings = listingsToScan(job.project, job.partitions);
  const position = parseCursor(cursor);
  const listing = listings[position.listing];
  if (!listing) return { counts: job.counts };
  const { after } = position;
  const range = { pk: listing.pk, limit: pageSize, ...(after === undefined ? {} : { after }) };
  const counter = createJobCounter(platform, job);
  let next: string | undefined;
  if (listing.of === 'RECENT') {
    const page = await platform.store.query({ ...range, kind: 'RECENT', prefix: 'RECENT#' });
    const turns = page.items.flatMap(({ item }) => ('turn' in item ? [item.turn] : []));
    await deleteTurns(platform, job, counter, turns);
    next = page.next;
  } else if (listing.of === 'LISTED_TURN') {
    const prefix = 'TURN_LISTED#';
    const page = await platform.store.query({ ...range, kind: 'LISTED_TURN', prefix });
    const turns = page.items.map(({ item }) => item.turn);
    await deleteTurns(platform, job, counter, turns);
    next = page.next;
  } else {
    const page =
      listing.of === 'LISTED'
        ? await platform.store.query({ ...range, kind: 'LISTED', prefix: 'MEM#' })
        : await platform.store.query({ ...range, kind: 'CLOSED', prefix: 'CLOSED#' });
    const ids = page.items.map(({ item }) => item.memory);
    await deleteMemories(platform, job, counter, ids);
    next = page.next;
  }
  const following = nextPosition(position, next, listings.length);
  return { counts: counter.counts(), ...(following ? { cursor: formatCursor(following) } : {}) };
};
