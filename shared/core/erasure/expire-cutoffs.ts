import { mapConcurrent } from '../../domain/map-concurrent.ts';
import {
  type Cutoff,
  cutoffEntity,
  isCollection,
  toMatches,
  withoutExpired,
} from '../../domain/memory/cutoff.ts';
import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import {
  type AnyKind,
  anyId,
  type Entities,
  type Entity,
  entitiesOf,
  entityKey,
  filePrefix,
} from '../../domain/memory/entities.ts';
import type { Item, Job, Key, RecentPointer } from '../../domain/table/items.ts';
import { entityRecordKey, listingPks } from '../../domain/table/keys.ts';
import { dayMs } from '../../domain/time.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Condition, Range } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { cutoffsAre, declarationIs, entityIsAt } from '../conditions.ts';
import { everyPage } from '../pagination.ts';
import { update } from '../steps.ts';

/**
 * Days that a cutoff is kept after its job. The job may miss a turn that is accepted or refined at the same time; the worker
 * cancels such a turn as long as the cutoff exists.
 */
const keptDays = 7;

/** Entity records that are read at once. */
const recordsPerPage = 100;

/** Whether a pointer leads to a turn that the cutoffs erased: such pointers are kept for another minute. */
const isObsolete = (recent: RecentPointer, isCutOff: ReturnType<typeof cutOffBy>): boolean =>
  'turn' in recent &&
  recent.entities !== undefined &&
  isCutOff({ id: recent.turn, entities: recent.entities });

const isEmpty = async ({ store }: Platform, range: Range): Promise<boolean> => {
  let page = await store.query({ ...range, limit: 1 });
  while (page.items.length === 0 && page.next !== undefined)
    page = await store.query({ ...range, limit: 1, after: page.next });
  return page.items.length === 0;
};

/** Whether nothing but what the cutoffs hide is listed at a partition key. */
const isUnused = async (
  platform: Platform,
  pk: string,
  cutoffs: readonly Cutoff[],
): Promise<boolean> => {
  if (!(await isEmpty(platform, { kind: 'LISTED', pk, prefix: 'MEM#' }))) return false;
  if (!(await isEmpty(platform, { kind: 'CLOSED', pk, prefix: 'CLOSED#' }))) return false;
  // Read before the listings, to which turns move.
  const recent = await everyPage((from) =>
    platform.store.query({ kind: 'RECENT', pk, prefix: 'RECENT#', ...from }),
  );
  const isCutOff = cutOffBy(cutoffs);
  return (
    recent.every(({ item }) => isObsolete(item, isCutOff)) &&
    (await isEmpty(platform, { kind: 'LISTED_TURN', pk, prefix: 'TURN_LISTED#' }))
  );
};

/** Whether the entity still lists an item that the cutoffs do not hide. */
const isUsed = async (
  platform: Platform,
  project: string,
  entity: Entity,
  cutoffs: readonly Cutoff[],
): Promise<boolean> => {
  for (const pk of listingPks(project, entity))
    if (!(await isUnused(platform, pk, cutoffs))) return true;
  return false;
};

/** A record whose expiry was set, the cutoffs that hide items of its entity, and the condition that they are the same. */
interface Expiring {
  entity: Entity;
  cutoffs: readonly Cutoff[];
  unchanged: Condition;
}

/**
 * Keeps a record after all whose expiry was just set, if the entity is declared or still lists an item. Both are read after that write: a turn or a
 * declaration that comes later finds the record expiring and keeps it itself (see cutoffs.ts).
 */
const keepIfNamed = async (
  platform: Platform,
  project: string,
  { entity, cutoffs, unchanged }: Expiring,
): Promise<void> => {
  const key = entityRecordKey(project, entity);
  // A declaration that is left came after the delete-all, or is not covered by it.
  const isDeclared = (await platform.store.get(key))?.declared !== undefined;
  if (!isDeclared && !(await isUsed(platform, project, entity, cutoffs))) return;
  await commit(platform, [update(key, {}, unchanged, ['expiresAt'])]);
};

/** Sets the expiry of one entity record and its cutoffs; false when another delete-all of the entity was written, or finished, meanwhile. */
const expireRecord = async (platform: Platform, job: Job, entity: Entity): Promise<boolean> => {
  const { store, clock } = platform;
  const key = entityRecordKey(job.project, entity);
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
  const { revision } = record;
  const expiries = (record.expiries ?? 0) + 1;
  const expiry = Number.isFinite(last) ? { expiresAt: last } : {};
  const step = update(key, { cutoffs, expiries, ...expiry }, cutoffsAre(record));
  if (!(await commit(platform, [step])).committed) return false;
  const unchanged = cutoffsAre({ revision, expiries });
  if (entity.id !== anyId) await keepIfNamed(platform, job.project, { entity, cutoffs, unchanged });
  return true;
};

/** Whether a delete-all of the whole kind covers the declaration: that of a file with its collection, whatever its own age. */
const isDeclarationCovered = ({ kind, id, declared }: Item<'ENTITY'>, before: string): boolean =>
  declared !== undefined && (declared < before || (kind === 'file' && id < before));

/**
 * Ends the declaration of an entity that a delete-all of its whole kind covered. Returns the record as it is then; undefined if it is
 * gone.
 */
const endDeclaration = async (
  platform: Platform,
  key: Key<'ENTITY'>,
  record: Item<'ENTITY'>,
  before: string,
): Promise<Item<'ENTITY'> | undefined> => {
  let current: Item<'ENTITY'> | undefined = record;
  while (current && isDeclarationCovered(current, before)) {
    const end = update(key, {}, declarationIs(current), ['declared', 'metadata']);
    await commit(platform, [end]);
    current = await platform.store.get(key);
  }
  return current;
};

/**
 * Lets the record of an entity expire that a delete-all of its whole kind covered, unless something names the entity since. A
 * concurrent delete-all of the entity itself is noticed by the record's revision, and expires the record itself.
 */
const expireCovered = async (
  platform: Platform,
  { project }: Job,
  entity: Item<'ENTITY'> & Entity,
  cutoff: Cutoff,
): Promise<void> => {
  const key = entityRecordKey(project, entity);
  const record = await endDeclaration(platform, key, entity, cutoff.before);
  if (!record) return;
  const { cutoffs, revision } = record;
  const unchanged = entityIsAt(revision);
  // An earlier attempt may have set the expiry, and crashed before it saw that the entity is named or declared.
  if (record.expiresAt === undefined) {
    const isOpen = cutoffs.some(({ expiresAt }) => expiresAt === undefined);
    if (isOpen || record.declared !== undefined) return;
    const from = platform.clock.now() + keptDays * dayMs;
    const last = Math.max(from, ...cutoffs.map(({ expiresAt = 0 }) => expiresAt));
    if (!(await commit(platform, [update(key, { expiresAt: last }, unchanged)])).committed) return;
  }
  await keepIfNamed(platform, project, { entity, cutoffs: [...cutoffs, cutoff], unchanged });
};

/** Lets the records of all entities of a kind expire that nothing names since a delete-all of the kind. */
const expireKind = (platform: Platform, job: Job, { kind, id }: Entity): Promise<void> =>
  expireRange(platform, job, { kind, prefix: `${kind}#`, match: { [kind]: id } });

/** Lets the records of the files of a deleted collection expire. */
const expireFiles = (platform: Platform, job: Job, { kind, id }: Entity): Promise<void> =>
  expireRange(platform, job, {
    kind: 'file',
    prefix: entityKey({ kind: 'file', id: filePrefix(id) }),
    match: { [kind]: id },
  });

/** Lets the records under a prefix expire that nothing names since the delete-all of `match`. */
const expireRange = async (
  platform: Platform,
  job: Job,
  { kind, prefix, match }: { kind: AnyKind; prefix: string; match: Entities },
): Promise<void> => {
  const { pk } = entityRecordKey(job.project, { kind, id: anyId });
  const cutoff = { match, before: job.before };
  let after: string | undefined;
  do {
    const page = await platform.store.query({
      kind: 'ENTITY',
      pk,
      prefix,
      limit: recordsPerPage,
      ...(after === undefined ? {} : { after }),
    });
    await mapConcurrent(
      page.items.filter(({ item }) => item.id !== anyId),
      ({ item }) => expireCovered(platform, job, { ...item, kind }, cutoff),
    );
    after = page.next;
  } while (after !== undefined);
};

/**
 * Lets the cutoffs of a finished delete-all expire after some days, and with them the records of entities that nothing
 * names any more, so that the id of an erased user is not kept. Safe to repeat after a crash; a concurrent delete-all
 * is detected by the record's revision, the end of one by the number of expiries that were set.
 */
export const expireCutoffs = async (platform: Platform, job: Job): Promise<void> => {
  const match = entitiesOf(job.match).length === 0 ? 'everything' : job.match;
  for (const entity of toMatches(match).map(cutoffEntity)) {
    if (entity.id === anyId && !job.metadata) await expireKind(platform, job, entity);
    if (isCollection(match)) await expireFiles(platform, job, entity);
    while (!(await expireRecord(platform, job, entity))) {}
  }
};
