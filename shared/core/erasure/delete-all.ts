import {
  addCutoff,
  afterAllIds,
  cutoffEntity,
  fitsRecord,
  isCollection,
  maxCutoffs,
  toMatches,
  withoutExpired,
} from '../../domain/memory/cutoff.ts';
import {
  anyId,
  type Entities,
  type Entity,
  entitiesOf,
  entityKey,
} from '../../domain/memory/entities.ts';
import type { Partition } from '../../domain/memory/filter.ts';
import type { Metadata } from '../../domain/memory/turn.ts';
import type { EntityRecord, Job } from '../../domain/table/items.ts';
import { entityRecordKey, epochKeys, jobKey } from '../../domain/table/keys.ts';
import { entitySettingsKey } from '../../domain/table/processing-keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { cutoffsAre, declarationIs } from '../conditions.ts';
import { isCommonRecord } from '../cutoffs.ts';
import { enqueueHints, hints } from '../hints.ts';
import { countOne, type QuotaExceeded } from '../projects/quota.ts';
import { newEvent, put, remove } from '../steps.ts';
import { memorySpan } from '../traced.ts';

const partitionOf = ({ kind, id }: Entity): Partition => (id === anyId ? 'project' : { kind, id });

/**
 * Attributes of an entity that the API created, and the condition to write them: a declaration that is kept must be the newest one. A
 * delete-all of the entity as a whole ends the declaration, with the metadata.
 */
const declarationOf = (record: Partial<EntityRecord>, isWhole: boolean) => {
  const { declared, metadata } = record;
  return isWhole
    ? { attributes: {}, unchanged: cutoffsAre(record) }
    : {
        attributes: { ...(declared !== undefined && { declared }), ...(metadata && { metadata }) },
        unchanged: declarationIs(record),
      };
};

/** Writes that add a cutoff to the entity record of each match, each conditional on the record as it was read. */
const cutoffWrites = async (
  platform: Platform,
  project: string,
  matches: readonly Entities[],
  { metadata, before }: Pick<Job, 'metadata' | 'before'>,
): Promise<Step[] | QuotaExceeded> => {
  const entities = matches.map(cutoffEntity);
  const keys = entities.map((entity) => entityRecordKey(project, entity));
  const records = await platform.store.getMany(keys);
  const now = platform.clock.now();
  const steps: Step[] = [];
  for (const [index, entity] of entities.entries()) {
    const earlier = records[index];
    const { revision = 0, cutoffs = [], createdAt = now } = earlier ?? {};
    const current = withoutExpired(cutoffs, now);
    const next = addCutoff(current, {
      match: matches[index] ?? {},
      ...(metadata ? { metadata } : {}),
      before,
    });
    if (!fitsRecord(next, current)) return { outcome: 'full', of: 'cutoffs', limit: maxCutoffs };
    const isWhole = !metadata && entitiesOf(matches[index] ?? {}).length === 1;
    const { attributes, unchanged } = declarationOf(earlier ?? {}, isWhole);
    const record = {
      ...entity,
      createdAt,
      revision: revision + 1,
      cutoffs: next,
      ...attributes,
    };
    steps.push(put(entityRecordKey(project, entity), record, unchanged));
  }
  return steps;
};

/** Returns a function that keeps the ids of jobs that are not finished. */
const runningJobs =
  ({ store }: Platform, project: string) =>
  async (ids: readonly string[]): Promise<string[]> => {
    const jobs = await store.getMany(ids.map((id) => jobKey(project, id)));
    return ids.filter((_, index) => jobs[index] !== undefined);
  };

/** Writes of the event that is answered, and of the job that erases. */
const jobWrites = (
  project: string,
  event: string,
  match: Entities | 'everything',
  { metadata, before }: Pick<Job, 'metadata' | 'before'>,
  now: number,
): Step[] => {
  const everything = match === 'everything';
  return [
    newEvent({
      id: event,
      project,
      kind: 'DELETE_ALL',
      entities: everything ? {} : match,
      createdAt: now,
    }),
    put(jobKey(project, event), {
      id: event,
      project,
      kind: 'delete_all',
      match: everything ? {} : match,
      ...(metadata ? { metadata } : {}),
      before,
      partitions: [everything ? 'project' : partitionOf(cutoffEntity(match))],
      counts: { memories: 0, turns: 0 },
      dueAt: now,
    }),
  ];
};

/**
 * Writes of a new epoch if a cutoff is on a common record: it refuses transactions that change earlier memories and rest on cutoffs
 * that were read before.
 */
const epochWrites = (project: string, matches: readonly Entities[], event: string): Step[] =>
  matches.some((match) => isCommonRecord({ sk: entityKey(cutoffEntity(match)) }))
    ? epochKeys(project).map((key) => put(key, { value: event }))
    : [];

/** Attempts of a transaction with many items, each of which others may be checking. */
const manyAttempts = { maxAttempts: 100, maxPauseMs: 100 };

/** Removes the settings of an entity that is deleted as a whole: they have its id. */
const settingsRemovals = (
  project: string,
  match: Entities | 'everything',
  metadata: Metadata | undefined,
): Step[] => {
  if (match === 'everything' || metadata) return [];
  const [only, ...others] = entitiesOf(match);
  return only && others.length === 0 && only.id !== anyId
    ? [remove(entitySettingsKey(project, only))]
    : [];
};

const beginDeletion = async (
  platform: Platform,
  project: string,
  match: Entities | 'everything',
  metadata: Metadata | undefined,
): Promise<{ outcome: 'begun'; event: string } | QuotaExceeded> => {
  const matches = toMatches(match);
  const event = platform.ids.next();
  for (;;) {
    const before = isCollection(match) ? afterAllIds : platform.ids.next();
    const what = { before, ...(metadata ? { metadata } : {}) };
    const now = platform.clock.now();
    const running = runningJobs(platform, project);
    const counted = await countOne(platform, project, 'jobs', event, running);
    if ('outcome' in counted) return counted;
    const hiding = await cutoffWrites(platform, project, matches, what);
    if ('outcome' in hiding) return hiding;
    const writes = [
      ...hiding,
      ...epochWrites(project, matches, event),
      ...jobWrites(project, event, match, what, now),
      ...settingsRemovals(project, match, metadata),
      counted,
    ];
    const { committed } = await commit(platform, writes, manyAttempts);
    if (!committed) continue;
    await enqueueHints(platform, [hints.job(project, event)]);
    return { outcome: 'begun', event };
  }
};

/**
 * Deletes everything that names `match` and was accepted before now; of a collection, also what is accepted later. Guarantee: once
 * this resolves, no read returns any of it, because the cutoff is written in the same transaction as the job. The job then erases the data, and the id of the job's
 * event is returned. A crash after the transaction leaves the job's due time. A concurrent delete-all of the same entity is
 * detected by the record's revision, and the transaction is made again.
 * @param match `'*'` as an id means every id of the kind
 * @param metadata deletes only what has these keys with equal values; at most `maxMetadataValues` of an entity at once
 */
export const deleteAll = (
  platform: Platform,
  project: string,
  match: Entities | 'everything',
  metadata?: Metadata,
): Promise<{ outcome: 'begun'; event: string } | QuotaExceeded> =>
  memorySpan(platform, 'delete_memory', { project }, () =>
    beginDeletion(platform, project, match, metadata),
  );
