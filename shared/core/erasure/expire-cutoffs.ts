import { type Cutoff, withoutExpired } from '../../domain/memory/cutoff.ts';
import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import { anyId, type Entity, entitiesOf } from '../../domain/memory/entities.ts';
import type { Job, Recent } from '../../domain/table/items.ts';
import { entityRecordKey, listingPks } from '../../domain/table/keys.ts';
import { dayMs } from '../../domain/time.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Range } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { entityIsAt } from '../conditions.ts';
import { everyPage } from '../pagination.ts';
import { update } from '../steps.ts';
import { holderOf, matchesOf } from './cutoff-holder.ts';

/**
 * Days that a cutoff outlives its job. A turn that was under way when the job passed is cancelled by whoever refines it,
 * as long as the cutoff stands.
 */
const keptDays = 7;

/** Turns, of which pointers stay for a minute after they were erased. */
const isOutlived = (recent: Recent, isCutOff: ReturnType<typeof cutOffBy>): boolean =>
  'turn' in recent &&
  recent.entities !== undefined &&
  isCutOff({ id: recent.turn, entities: recent.entities });

const isEmpty = async ({ store }: Platform, range: Range): Promise<boolean> => {
  let page = await store.query({ ...range, limit: 1 });
  while (page.items.length === 0 && page.next !== undefined)
    page = await store.query({ ...range, limit: 1, after: page.next });
  return page.items.length === 0;
};

const isFree = async (
  platform: Platform,
  pk: string,
  cutoffs: readonly Cutoff[],
): Promise<boolean> => {
  if (!(await isEmpty(platform, { kind: 'FILED', pk, prefix: 'MEM#' }))) return false;
  if (!(await isEmpty(platform, { kind: 'RETRACTED', pk, prefix: 'RETRACTED#' }))) return false;
  const recent = await everyPage((from) =>
    platform.store.query({ kind: 'RECENT', pk, prefix: 'RECENT#', ...from }),
  );
  const isCutOff = cutOffBy(cutoffs);
  return recent.every(({ item }) => isOutlived(item, isCutOff));
};

/** Whether something that the cutoffs do not hide is still listed under the entity. */
const isNamed = async (
  platform: Platform,
  project: string,
  holder: Entity,
  cutoffs: readonly Cutoff[],
): Promise<boolean> => {
  for (const pk of listingPks(project, holder))
    if (!(await isFree(platform, pk, cutoffs))) return true;
  return false;
};

/** False when another delete-all of the entity came in between. */
const expire = async (platform: Platform, job: Job, holder: Entity): Promise<boolean> => {
  const { store, clock } = platform;
  const key = entityRecordKey(job.project, holder);
  const record = await store.get(key);
  if (!record) return true;
  const now = clock.now();
  const cutoffs = withoutExpired(record.cutoffs, now).map((cutoff) =>
    cutoff.before === job.before ? { ...cutoff, expiresAt: now + keptDays * dayMs } : cutoff,
  );
  const last = Math.max(
    now,
    ...cutoffs.map(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt),
  );
  const atOnce = entityIsAt(record.revision);
  const step = Number.isFinite(last)
    ? update(key, { cutoffs, expiresAt: last }, atOnce)
    : update(key, { cutoffs }, atOnce);
  if (!(await commit(platform, [step])).committed) return false;
  // Looked at afterwards: a turn that is accepted later finds the record expiring, and keeps it.
  if (holder.id === anyId || !(await isNamed(platform, job.project, holder, cutoffs))) return true;
  await commit(platform, [update(key, {}, atOnce, ['expiresAt'])]);
  return true;
};

/**
 * The job of a delete-all is done: its cutoffs go some days later, and with them the records of entities that nothing
 * names any more, so that no id of a forgotten user stays. Safe to repeat.
 */
export const expireCutoffs = async (platform: Platform, job: Job): Promise<void> => {
  const match = entitiesOf(job.match).length === 0 ? 'everything' : job.match;
  for (const holder of matchesOf(match).map(holderOf))
    while (!(await expire(platform, job, holder))) {}
};
