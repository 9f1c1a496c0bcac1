import { isCutOff } from '../../domain/memory/cutoff-index.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Job } from '../../domain/table/items.ts';
import { listingKeys, memoryKey, retractedKeys } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { isDeletedByCutoff } from '../cutoffs.ts';
import { cancelTurn } from '../erasure/cancel-turn.ts';
import { deleteLiveMemory } from '../erasure/delete-memory.ts';
import { eraseCopies } from '../erasure/erase-memory.ts';
import { eraseFromChanges, eraseFromIndex, eraseTurnText } from '../erasure/erase-turn.ts';
import { publishStaged } from '../indexing/publish-staged.ts';
import { syncIndex } from '../indexing/sync-index.ts';
import { readTurns } from '../retrieval/recent.ts';
import { remove, update } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';
import { createJobCounter, type JobCounter } from './job-counter.ts';
import {
  formatCursor,
  listingsToScan,
  nextPosition,
  type PageResult,
  parseCursor,
} from './scan-cursor.ts';

const pageSize = 100;

/**
 * Cancels and erases turns that were not refined. The text of an applied turn is erased with the last memory drawn from
 * it, or here when there is none.
 */
const deleteTurns = async (
  platform: Platform,
  job: Job,
  counter: JobCounter,
  ids: readonly string[],
) => {
  const cutoffs = [{ match: job.match, before: job.before }];
  for (const turn of await readTurns(platform, job.project, ids)) {
    if (!isCutOff(turn, cutoffs)) continue;
    if (turn.state === 'applied' && (turn.memoryIds ?? []).length === 0) {
      await eraseTurnText(platform, turn);
      await eraseFromChanges(platform, job.project, turn.event);
    } else await counter.count('turns', (counting) => cancelTurn(platform, turn, counting));
    await eraseFromIndex(platform, turn);
  }
};

/** Erases a retracted memory: already invisible, but still readable in the history. */
const eraseRetracted = async (platform: Platform, memory: Memory): Promise<void> => {
  const { project, id, version } = memory;
  await eraseCopies(platform, memory);
  const kept = retention(remainsDays, platform.clock.now());
  // A new version, so that the condition of an indexer that read the memory before fails and lists nothing again.
  const erased = { version: version + 1, ...kept };
  await commit(platform, [
    update(memoryKey(project, id), erased, versionIs(version), ['retracted']),
    ...listingKeys(project, memory, id).map((key) => remove(key)),
    ...retractedKeys(project, memory, id).map((key) => remove(key)),
  ]);
};

const deleteOne = async (platform: Platform, job: Job, counter: JobCounter, memory: Memory) => {
  const cutoffs = [{ match: job.match, before: job.before }];
  if (!isDeletedByCutoff(memory, cutoffs)) return;
  if (memory.retracted) return await eraseRetracted(platform, memory);
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
  } else {
    const page =
      listing.of === 'LISTED'
        ? await platform.store.query({ ...range, kind: 'LISTED', prefix: 'MEM#' })
        : await platform.store.query({ ...range, kind: 'RETRACTED', prefix: 'RETRACTED#' });
    const ids = page.items.map(({ item }) => item.memory);
    await deleteMemories(platform, job, counter, ids);
    next = page.next;
  }
  const following = nextPosition(position, next, listings.length);
  return { counts: counter.counts(), ...(following ? { cursor: formatCursor(following) } : {}) };
};
