import { isCutOff } from '../../domain/cutoff.ts';
import type { Job } from '../../domain/items.ts';
import { memoryKey } from '../../domain/keys.ts';
import type { Memory } from '../../domain/memory.ts';
import type { Platform } from '../../ports/platform.ts';
import { isForgotten } from '../entity-records.ts';
import { cancelTurn } from '../forget/cancel-turn.ts';
import { deleteLive } from '../forget/delete-memory.ts';
import { eraseTurnText } from '../forget/erase-turn.ts';
import { isPublished } from '../memories.ts';
import { readTurns } from '../recall/recent.ts';
import { createTally, type Tally } from './tally.ts';
import { cursorOf, nextPlace, type PageDone, placeOf, walkOf } from './walk.ts';

const pageSize = 100;

/** Cancels and erases what was not refined; an applied turn's text goes with the memories drawn from it, or here when there are none. */
const forgetTurns = async (platform: Platform, job: Job, tally: Tally, ids: readonly string[]) => {
  const cutoffs = [{ match: job.match, before: job.before }];
  for (const turn of await readTurns(platform, job.project, ids)) {
    if (!isCutOff(turn, cutoffs)) continue;
    if (turn.state === 'applied' && (turn.memoryIds ?? []).length === 0)
      await eraseTurnText(platform, turn);
    else await tally.count('turns', (besides) => cancelTurn(platform, turn, besides));
  }
};

const forgetMemory = async (platform: Platform, job: Job, tally: Tally, memory: Memory) => {
  const cutoffs = [{ match: job.match, before: job.before }];
  if (!(await isPublished(platform, memory))) return;
  let current: Memory | undefined = memory;
  while (current?.state === 'live' && isForgotten(current, cutoffs)) {
    const subject = current;
    const isDone = await tally.count('memories', (besides) =>
      deleteLive(platform, subject, { event: job.id, besides }),
    );
    if (isDone) return;
    current = await platform.store.get(memoryKey(job.project, memory.id));
  }
};

const forgetMemories = async (
  platform: Platform,
  job: Job,
  tally: Tally,
  ids: readonly string[],
) => {
  const keys = [...new Set(ids)].map((id) => memoryKey(job.project, id));
  for (const memory of await platform.store.getMany(keys))
    if (memory) await forgetMemory(platform, job, tally, memory);
};

/** Forgets one page of a delete-all: turns that still wait first, so that none of them is applied later, then memories. */
export const forgetPage = async (
  platform: Platform,
  job: Job,
  cursor: string | undefined,
): Promise<PageDone> => {
  const walk = walkOf(job.project, job.partitions);
  const place = placeOf(cursor);
  const listing = walk[place.listing];
  if (!listing) return { counts: job.counts };
  const { after } = place;
  const range = { pk: listing.pk, limit: pageSize, ...(after === undefined ? {} : { after }) };
  const tally = createTally(platform, job);
  let next: string | undefined;
  if (listing.of === 'RECENT') {
    const page = await platform.store.query({ ...range, kind: 'RECENT', prefix: 'RECENT#' });
    const turns = page.items.flatMap(({ item }) => ('turn' in item ? [item.turn] : []));
    await forgetTurns(platform, job, tally, turns);
    next = page.next;
  } else {
    const page = await platform.store.query({ ...range, kind: 'FILED', prefix: 'MEM#' });
    const ids = page.items.map(({ item }) => item.memory);
    await forgetMemories(platform, job, tally, ids);
    next = page.next;
  }
  const following = nextPlace(place, next, walk.length);
  return { counts: tally.counts(), ...(following ? { cursor: cursorOf(following) } : {}) };
};
