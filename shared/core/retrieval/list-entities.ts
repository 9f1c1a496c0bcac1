import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Cutoff } from '../../domain/memory/cutoff.ts';
import {
  allNamed,
  anyId,
  type Entity,
  type EntityKind,
  entitiesOf,
  entityKey,
  entityKinds,
  isOwner,
} from '../../domain/memory/entities.ts';
import type { Metadata } from '../../domain/memory/turn.ts';
import type { Item } from '../../domain/table/items.ts';
import { entityRecordKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { everyPage } from '../pagination.ts';
import { hydrateListed } from './hydrate.ts';
import { visibleIn } from './list.ts';
import { readPointers, readPointerTargets } from './recent.ts';

/** Entity that turns named. Times in ms since 1970. */
export interface EntityView extends Entity {
  /** Visible memories that name the entity, rough ones included. */
  memories: number;
  /** Metadata that the entity was created with. */
  metadata: Metadata;
  createdAt: number;
  updatedAt: number;
}

type Known = Entity & { createdAt: number; metadata?: Metadata | undefined };
type EntityRecord = Item<'ENTITY'>;

/** Entities whose memories are counted at once. */
const countedAtOnce = 8;

const recordsOf = async (
  { store }: Platform,
  project: string,
  kind: EntityKind,
): Promise<EntityRecord[]> => {
  const { pk } = entityRecordKey(project, { kind, id: anyId });
  const records = await everyPage((from) =>
    store.query({ kind: 'ENTITY', pk, prefix: `${kind}#`, ...from }),
  );
  return records.map(({ item }) => item);
};

/** Whether a delete-all of the whole entity, or of all entities of its kind, is not finished that covers the declaration, if any. */
const isBeingDeleted = (cutoffs: readonly Cutoff[], declared = ''): boolean =>
  cutoffs.some(
    ({ match, metadata, before, expiresAt }) =>
      declared < before &&
      expiresAt === undefined &&
      metadata === undefined &&
      entitiesOf(match).length === 1,
  );

/** Whether nothing is known to name the entity since it was deleted. A record without use expires. */
export const isDeleted = (record: EntityRecord, ofKind: EntityRecord | undefined): boolean =>
  record.expiresAt !== undefined ||
  isBeingDeleted(record.cutoffs, record.declared) ||
  isBeingDeleted(ofKind?.cutoffs ?? [], record.declared);

/** Entities of one kind that have a record and are not deleted. */
const recordedOf = async (
  platform: Platform,
  project: string,
  kind: EntityKind,
): Promise<Known[]> => {
  const records = await recordsOf(platform, project, kind);
  const ofKind = records.find(({ id }) => id === anyId);
  return records
    .filter((record) => record !== ofKind && !isDeleted(record, ofKind))
    .map(({ id, createdAt, metadata }) => ({ kind, id, createdAt, metadata }));
};

/**
 * Entities that recent turns name and that are not recorded, or were deleted before: their records are written beside the turn,
 * or by the worker.
 */
const namedRecently = async (
  platform: Platform,
  project: string,
  recorded: ReadonlySet<string>,
): Promise<Known[]> => {
  const isNew = (entity: Entity): boolean => isOwner(entity) && !recorded.has(entityKey(entity));
  const pointers = await readPointers(platform, project, ['project'], Number.POSITIVE_INFINITY);
  const turns = pointers.turns.filter(({ entities = {} }) => entitiesOf(entities).some(isNew));
  if (turns.length === 0) return [];
  const recent = await readPointerTargets(platform, project, { ...pointers, turns, memories: [] });
  const { memories, rough } = await hydrateListed(platform, project, recent, {
    memories: [],
    showExpired: true,
    validity: 'now',
  });
  const found = new Map<string, Known>();
  for (const subject of [...memories, ...rough])
    for (const entity of allNamed(subject).filter(isNew))
      found.set(entityKey(entity), { ...entity, createdAt: subject.createdAt });
  return [...found.values()];
};

const viewOf = async (
  platform: Platform,
  project: string,
  { kind, id, createdAt, metadata = {} }: Known,
): Promise<EntityView> => {
  const { memories, rough } = await visibleIn(platform, project, [{ kind, id }], {
    showExpired: false,
    validity: 'now',
  });
  const times = [
    ...memories.map(({ updatedAt }) => updatedAt),
    ...rough.map((turn) => turn.createdAt),
  ];
  return {
    kind,
    id,
    memories: memories.length + rough.length,
    metadata,
    createdAt,
    updatedAt: times.reduce((latest, at) => Math.max(latest, at), createdAt),
  };
};

/** All listed entities, newest first. */
const knownEntities = async (platform: Platform, project: string): Promise<Known[]> => {
  const read = entityKinds.map((kind) => recordedOf(platform, project, kind));
  const recorded = (await Promise.all(read)).flat();
  const names = new Set(recorded.map(entityKey));
  const all = [...recorded, ...(await namedRecently(platform, project, names))];
  return all.sort((a, b) => b.createdAt - a.createdAt || (entityKey(a) < entityKey(b) ? -1 : 1));
};

/** Returns the newest ids of one kind, by the rules of `listEntities`. */
export const listEntityIds = async (
  platform: Platform,
  project: string,
  kind: EntityKind,
  limit: number,
): Promise<string[]> => {
  const all = await knownEntities(platform, project);
  return all
    .filter((one) => one.kind === kind)
    .slice(0, limit)
    .map(({ id }) => id);
};

/** Numbers of entities by kind. */
export type EntityTotals = { readonly [kind in EntityKind]: number };

/**
 * Returns a page of the entities of a project, newest first, and their numbers by kind. Strongly consistent: an entity is listed
 * once the first add that names it was answered, until a delete-all of the entity is answered, also when all its memories were
 * deleted one by one. Counts are those of a list of the entity's memories.
 */
export const listEntities = async (
  platform: Platform,
  project: string,
  { skip, limit }: { skip: number; limit: number },
): Promise<{ totals: EntityTotals; total: number; entities: EntityView[] }> => {
  const all = await knownEntities(platform, project);
  const page = all.slice(skip, skip + limit);
  const numberOf = (kind: EntityKind): number => all.filter((one) => one.kind === kind).length;
  return {
    totals: {
      user: numberOf('user'),
      agent: numberOf('agent'),
      app: numberOf('app'),
      run: numberOf('run'),
    },
    total: all.length,
    entities: await mapConcurrent(
      page,
      (entity) => viewOf(platform, project, entity),
      countedAtOnce,
    ),
  };
};

/** Returns one entity, by the same rules as the list; undefined if it is not listed. Strongly consistent. */
export const getEntity = async (
  platform: Platform,
  project: string,
  entity: Entity,
): Promise<EntityView | undefined> => {
  const { kind } = entity;
  const keys = [entity, { kind, id: anyId }].map((one) => entityRecordKey(project, one));
  const [record, ofKind] = await platform.store.getMany(keys);
  const createdAt = record?.createdAt ?? platform.clock.now();
  const isRecorded = record !== undefined && !isDeleted(record, ofKind);
  const metadata = isRecorded ? record.metadata : undefined;
  const view = await viewOf(platform, project, { ...entity, createdAt, metadata });
  const isListed = view.memories > 0 || isRecorded;
  return isListed ? view : undefined;
};
