import { toErrorInfo } from '../domain/errors.ts';
import type { Cutoff } from '../domain/memory/cutoff.ts';
import { type CutoffTarget, indexCutoffs } from '../domain/memory/cutoff-index.ts';
import {
  allNamed,
  anyId,
  type Entities,
  type Entity,
  entitiesOf,
  entityKey,
  type Tagged,
} from '../domain/memory/entities.ts';
import type { Memory } from '../domain/memory/memory.ts';
import type { Metadata } from '../domain/memory/turn.ts';
import type { Item, Key, Plan } from '../domain/table/items.ts';
import { cutoffKeys, entityRecordKey, epochKey, projectSettingsKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import type { Step } from '../ports/store.ts';
import { commit } from './commit.ts';
import { entityIsAt, entityIsNew, epochIs, itemExists } from './conditions.ts';
import { readEntityRecords } from './entity-records.ts';
import { check, put, update } from './steps.ts';

/** Bound of the cache of recorded entities. A record that expires later is created again by the worker. */
const maxRecorded = 50_000;

/**
 * Creates the record of each entity that has none; safe to run concurrently and to repeat. Never throws: a failure is
 * logged, and the worker creates the record before it refines the turn.
 */
export const recordEntities = async (
  platform: Platform,
  project: string,
  entities: Entities,
): Promise<void> => {
  const names = platform.caches.recordedEntities;
  if (names.size > maxRecorded) names.clear();
  await Promise.all(
    entitiesOf(entities).map(async (entity) => {
      const name = `${project}#${entityKey(entity)}`;
      if (names.has(name)) return;
      const record = { ...entity, createdAt: platform.clock.now(), revision: 0, cutoffs: [] };
      try {
        await commit(platform, [put(entityRecordKey(project, entity), record, entityIsNew)]);
        names.add(name);
      } catch (error) {
        platform.telemetry.log('warn', 'entity.record_failed', { code: toErrorInfo(error).code });
      }
    }),
  );
};

/**
 * Creates an entity before any turn names the entity, or gives new metadata to one that exists. The entity is listed from the answer
 * on, until a delete-all of the entity, of its kind or of everything. A concurrent delete-all is noticed by the record's revision, and the write is
 * made again after it. Safe to repeat.
 * @param metadata replaces earlier metadata; undefined keeps them
 */
export const declareEntity = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  project: string,
  entity: Entity,
  metadata: Metadata | undefined,
): Promise<void> => {
  const key = entityRecordKey(project, entity);
  for (;;) {
    const record = await platform.store.get(key);
    const step = declaration(platform, project, entity, metadata, record);
    if ((await commit(platform, [step])).committed) return;
  }
};

/** Write that declares an entity, refused when a delete-all of the entity came since its record was read. */
export const declaration = (
  { clock, ids }: Pick<Platform, 'clock' | 'ids'>,
  project: string,
  entity: Entity,
  metadata: Metadata | undefined,
  record: Item<'ENTITY'> | undefined,
): Step => {
  const key = entityRecordKey(project, entity);
  const declared = { declared: ids.next(), ...(metadata ? { metadata } : {}) };
  const unchanged = entityIsAt(record?.revision ?? 0);
  if (record) return update(key, declared, unchanged, ['expiresAt']);
  const created = { ...entity, createdAt: clock.now(), revision: 0, cutoffs: [], ...declared };
  return put(key, created, unchanged);
};

/** Delete-alls that may cover some subjects, and the records they were read from. */
export interface Cutoffs {
  cutoffs: Cutoff[];
  /** Revision of each record (0: absent), for `entityIsAt`: a delete-all after this read refuses the transaction. */
  revisions: { key: Key<'ENTITY'>; revision: number }[];
  /** Records that are absent or expire, since nothing named the entity any more. */
  expiring: Key<'ENTITY'>[];
}

/** Keys of the records, without duplicates: many subjects name few entities. */
const keysOf = (project: string, subjects: readonly Tagged[]): Key<'ENTITY'>[] => {
  const named = new Map<string, Entity>();
  for (const subject of subjects)
    for (const entity of allNamed(subject)) named.set(`${entity.kind} ${entity.id}`, entity);
  const keys = cutoffKeys(project, { entities: {}, extraEntities: [...named.values()] });
  return [...new Map(keys.map((key) => [key.sk, key])).values()];
};

const toCutoffs = (
  keys: readonly Key<'ENTITY'>[],
  records: readonly (Item<'ENTITY'> | undefined)[],
): Cutoffs => ({
  cutoffs: records.flatMap((record) => record?.cutoffs ?? []),
  revisions: keys.map((key, index) => ({ key, revision: records[index]?.revision ?? 0 })),
  expiring: keys.filter((_, index) => records[index]?.expiresAt !== undefined || !records[index]),
});

/** Reads the cutoffs of all entities that the subjects name, strongly consistent, leaving out the sort keys in `except`. */
export const readCutoffs = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  subjects: readonly Tagged[],
  except: ReadonlySet<string> = new Set(),
): Promise<Cutoffs> => {
  const keys = keysOf(project, subjects).filter(({ sk }) => !except.has(sk));
  if (keys.length === 0) return { cutoffs: [], revisions: [], expiring: [] };
  const { records } = await readEntityRecords(store, project, keys);
  return toCutoffs(keys, records);
};

/** Cutoffs, and the settings of the project if they were read, too. */
export interface CutoffsAndSettings extends Cutoffs {
  settings?: Item<'PROJECT_SETTINGS'> | undefined;
}

/** Reads cutoffs as `readCutoffs` does, and the settings of the project in the same request. */
export const readCutoffsAndSettings = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  subjects: readonly Tagged[],
): Promise<CutoffsAndSettings> => {
  const keys = keysOf(project, subjects);
  const { records, others } = await readEntityRecords(store, project, keys, [
    projectSettingsKey(project),
  ]);
  return { ...toCutoffs(keys, records), settings: others[0] };
};

/**
 * Keeps the records of the turns' entities from expiring, as an earlier delete-all may have arranged, and creates absent
 * ones. Safe to repeat after a crash; a concurrent delete-all is noticed when the plan is applied (`entityIsAt`).
 */
export const keepEntities = async (
  platform: Platform,
  project: string,
  turns: readonly Tagged[],
  { expiring }: Cutoffs,
): Promise<void> => {
  const sortKeys = new Set(expiring.map(({ sk }) => sk));
  const named = new Map(turns.flatMap(allNamed).map((entity) => [entityKey(entity), entity]));
  for (const entity of named.values()) {
    const key = entityRecordKey(project, entity);
    if (!sortKeys.has(key.sk)) continue;
    const keep = update(key, {}, itemExists, ['expiresAt']);
    if ((await commit(platform, [keep])).committed) continue;
    const record = { ...entity, createdAt: platform.clock.now(), revision: 0, cutoffs: [] };
    await commit(platform, [put(key, record, entityIsNew)]);
  }
};

/** Kinds of which one entity is named by the turns of many scopes. */
const commonKinds: readonly string[] = ['agent', 'app'];

/** Whether the turns of many scopes name a record: that of an agent, an app, or a whole kind of entities. */
export const isCommonRecord = ({ sk }: Pick<Key<'ENTITY'>, 'sk'>): boolean => {
  const [kind = ''] = sk.split('#', 1);
  return commonKinds.includes(kind) || sk.slice(kind.length + 1) === anyId;
};

/**
 * Checks that no delete-all of an entity that the turn names came since the plan was decided, for a turn that changes earlier memories or
 * rests on them. Common records are left out, since transactions that name the same item conflict: `epochCheck` guards against a
 * delete-all of theirs. A turn that only adds needs neither: the job of a delete-all cancels the turn, or erases it with the
 * memories that it added.
 */
export const entityChecks = ({ entities }: Pick<Plan, 'entities'>): Step[] =>
  entities.flatMap(({ key, revision }) =>
    isCommonRecord(key) ? [] : [check(key, entityIsAt(revision))],
  );

/**
 * Reads the epoch for a scope, and returns the check that no delete-all by a common record came since. Cutoffs that are read afterwards
 * are those of this epoch, or later.
 */
export const epochCheck = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  scope: string,
): Promise<Step> => {
  const key = epochKey(project, scope);
  return check(key, epochIs((await store.get(key))?.value));
};

type CutoffSubject = CutoffTarget & Pick<Memory, 'id' | 'lineage' | 'namedSince'>;

/**
 * Returns a test for memories that a delete-all covers. The age of a memory is that of its first turn, or, under an entity
 * added later, of the turn that added the entity. The index behind the test is built once, for many memories.
 */
export const deletedBy = (cutoffs: readonly Cutoff[]): ((memory: CutoffSubject) => boolean) => {
  const covers = indexCutoffs(cutoffs);
  return (memory) => {
    const first = memory.lineage[0] ?? memory.id;
    return covers(memory, first, (entity) => memory.namedSince?.[entityKey(entity)] ?? first);
  };
};

export const isDeletedByCutoff = (memory: CutoffSubject, cutoffs: readonly Cutoff[]): boolean =>
  deletedBy(cutoffs)(memory);
