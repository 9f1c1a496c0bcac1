import { toErrorInfo } from '../domain/errors.ts';
import type { Cutoff } from '../domain/memory/cutoff.ts';
import { indexCutoffs } from '../domain/memory/cutoff-index.ts';
import {
  allNamed,
  type Entities,
  type Entity,
  entitiesOf,
  entityKey,
  type Tagged,
} from '../domain/memory/entities.ts';
import type { Memory } from '../domain/memory/memory.ts';
import type { Item, Key } from '../domain/table/items.ts';
import { cutoffKeys, entityRecordKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import type { Store } from '../ports/store.ts';
import { commit } from './commit.ts';
import { entityIsNew, stillThere } from './conditions.ts';
import { put, update } from './steps.ts';

/** Entities this process knows to be recorded. One that went since with its cutoffs is recorded again by the worker. */
const known = new WeakMap<Store, Set<string>>();
const maxKnown = 50_000;

const knownTo = (store: Store): Set<string> => {
  const found = known.get(store) ?? new Set<string>();
  if (found.size > maxKnown) found.clear();
  known.set(store, found);
  return found;
};

/** Puts a record for each entity that has none. A failure is logged and left to the worker, which records them again. */
export const recordEntities = async (
  platform: Platform,
  project: string,
  entities: Entities,
): Promise<void> => {
  const seen = knownTo(platform.store);
  await Promise.all(
    entitiesOf(entities).map(async (entity) => {
      const name = `${project}#${entityKey(entity)}`;
      if (seen.has(name)) return;
      const record = { ...entity, createdAt: platform.clock.now(), revision: 0, cutoffs: [] };
      try {
        await commit(platform, [put(entityRecordKey(project, entity), record, entityIsNew)]);
        seen.add(name);
      } catch (error) {
        platform.telemetry.log('warn', 'entity.record_failed', { code: toErrorInfo(error).code });
      }
    }),
  );
};

/** The delete-alls that can concern `subjects`, as of now, and where they were read. */
export interface Cutoffs {
  cutoffs: Cutoff[];
  revisions: { key: Key<'ENTITY'>; revision: number }[];
  /** Records that are missing, or that will go because nothing named the entity any more. */
  fading: Key<'ENTITY'>[];
}

/** Each once: many subjects name few entities. */
const keysOf = (project: string, subjects: readonly Tagged[]): Key<'ENTITY'>[] => {
  const named = new Map<string, Entity>();
  for (const subject of subjects)
    for (const entity of allNamed(subject)) named.set(`${entity.kind} ${entity.id}`, entity);
  const keys = cutoffKeys(project, { entities: {}, extraEntities: [...named.values()] });
  return [...new Map(keys.map((key) => [key.sk, key])).values()];
};

export const readCutoffs = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  subjects: readonly Tagged[],
  except: ReadonlySet<string> = new Set(),
): Promise<Cutoffs> => {
  const keys = keysOf(project, subjects).filter(({ sk }) => !except.has(sk));
  if (keys.length === 0) return { cutoffs: [], revisions: [], fading: [] };
  const records: (Item<'ENTITY'> | undefined)[] = await store.getMany(keys);
  return {
    cutoffs: records.flatMap((record) => record?.cutoffs ?? []),
    revisions: keys.map((key, index) => ({ key, revision: records[index]?.revision ?? 0 })),
    fading: keys.filter((_, index) => records[index]?.expiresAt !== undefined || !records[index]),
  };
};

/** Sees that the records of what the turns name stay: a delete-all before may have left them to expire. */
export const keepEntities = async (
  platform: Platform,
  project: string,
  turns: readonly Tagged[],
  { fading }: Cutoffs,
): Promise<void> => {
  const fades = new Set(fading.map(({ sk }) => sk));
  const named = new Map(turns.flatMap(allNamed).map((entity) => [entityKey(entity), entity]));
  for (const entity of named.values()) {
    const key = entityRecordKey(project, entity);
    if (!fades.has(key.sk)) continue;
    const keep = update(key, {}, stillThere, ['expiresAt']);
    if ((await commit(platform, [keep])).committed) continue;
    const record = { ...entity, createdAt: platform.clock.now(), revision: 0, cutoffs: [] };
    await commit(platform, [put(key, record, entityIsNew)]);
  }
};

type CutoffSubject = Pick<Memory, 'id' | 'entities' | 'extraEntities' | 'lineage' | 'namedSince'>;

/**
 * A memory is as old as the turn it was first drawn from, or, under an entity it came to name later, as the turn that named
 * it: a delete-all before that had nothing to do with it. To be made once for many memories.
 */
export const forgottenBy = (cutoffs: readonly Cutoff[]): ((memory: CutoffSubject) => boolean) => {
  const covers = indexCutoffs(cutoffs);
  return (memory) => {
    const first = memory.lineage[0] ?? memory.id;
    return covers(memory, first, (entity) => memory.namedSince?.[entityKey(entity)] ?? first);
  };
};

export const isDeletedByCutoff = (memory: CutoffSubject, cutoffs: readonly Cutoff[]): boolean =>
  forgottenBy(cutoffs)(memory);
