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
import { erase, update } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';
import { createJobCounter, type JobCounter } from './job-counter.ts';
import { cursorOf, listingsToScan, nextPlace, type PageDone, parseCursor } from './scan-cursor.ts';

const pageSize = 100;

/** Cancels and erases what was not refined; an applied turn's text goes with the memories drawn from it, or here when there are none. */
const forgetTurns = async (
  platform: Platform,
  job: Job,
  tally: JobCounter,
  ids: readonly string[],
) => {
  const cutoffs = [{ match: job.match, before: job.before }];
  for (const turn of await readTurns(platform, job.project, ids)) {
    if (!isCutOff(turn, cutoffs)) continue;
    if (turn.state === 'applied' && (turn.memoryIds ?? []).length === 0) {
      await eraseTurnText(platform, turn);
      await eraseFromChanges(platform, job.project, turn.event);
    } else await tally.count('turns', (besides) => cancelTurn(platform, turn, besides));
    await eraseFromIndex(platform, turn);
  }
};

/** What was retracted is out of sight, but told in its history. */
const eraseRetracted = async (platform: Platform, memory: Memory): Promise<void> => {
  const { project, id, version } = memory;
  await eraseCopies(platform, memory);
  const kept = retention(remainsDays, platform.clock.now());
  // A version of its own, so that no indexer that read it before lists it again.
  const erased = { version: version + 1, ...kept };
  await commit(platform, [
    update(memoryKey(project, id), erased, versionIs(version), ['retracted']),
    ...listingKeys(project, memory, id).map((key) => erase(key)),
    ...retractedKeys(project, memory, id).map((key) => erase(key)),
  ]);
};

const forgetMemory = async (platform: Platform, job: Job, tally: JobCounter, memory: Memory) => {
  const cutoffs = [{ match: job.match, before: job.before }];
  if (!isDeletedByCutoff(memory, cutoffs)) return;
  if (memory.retracted) return await eraseRetracted(platform, memory);
  // Written ahead of a turn that was cancelled: it goes at once.
  if (!(await publishStaged(platform, memory))) return;
  let current: Memory | undefined = memory;
  while (current?.state === 'live' && isDeletedByCutoff(current, cutoffs)) {
    const subject = current;
    const isDone = await tally.count('memories', (besides) =>
      deleteLiveMemory(platform, subject, { event: job.id, extraWrites: besides }),
    );
    if (isDone) return;
    current = await platform.store.get(memoryKey(job.project, memory.id));
  }
};

const forgetMemories = async (
  platform: Platform,
  job: Job,
  tally: JobCounter,
  ids: readonly string[],
) => {
  const keys = [...new Set(ids)].map((id) => memoryKey(job.project, id));
  for (const memory of await platform.store.getMany(keys))
    if (memory) await forgetMemory(platform, job, tally, memory);
  const deleted = (await platform.store.getMany(keys)).flatMap((memory) =>
    memory?.state === 'deleted' ? [memory.id] : [],
  );
  // The index holds words and metadata of what it is given.
  await syncIndex(platform, job.project, deleted);
};

/** Forgets one page of a delete-all: turns that still wait first, so that none of them is applied later, then memories. */
export const forgetPage = async (
  platform: Platform,
  job: Job,
  cursor: string | undefined,
): Promise<PageDone> => {
  const walk = listingsToScan(job.project, job.partitions);
  const place = parseCursor(cursor);
  const listing = walk[place.listing];
  if (!listing) return { counts: job.counts };
  const { after } = place;
  const range = { pk: listing.pk, limit: pageSize, ...(after === undefined ? {} : { after }) };
  const tally = createJobCounter(platform, job);
  let next: string | undefined;
  if (listing.of === 'RECENT') {
    const page = await platform.store.query({ ...range, kind: 'RECENT', prefix: 'RECENT#' });
    const turns = page.items.flatMap(({ item }) => ('turn' in item ? [item.turn] : []));
    await forgetTurns(platform, job, tally, turns);
    next = page.next;
  } else {
    const page =
      listing.of === 'LISTED'
        ? await platform.store.query({ ...range, kind: 'LISTED', prefix: 'MEM#' })
        : await platform.store.query({ ...range, kind: 'RETRACTED', prefix: 'RETRACTED#' });
    const ids = page.items.map(({ item }) => item.memory);
    await forgetMemories(platform, job, tally, ids);
    next = page.next;
  }
  const following = nextPlace(place, next, walk.length);
  return { counts: tally.counts(), ...(following ? { cursor: cursorOf(following) } : {}) };
};
