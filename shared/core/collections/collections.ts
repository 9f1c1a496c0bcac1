import { anyId, type Entity } from '../../domain/memory/entities.ts';
import type { Item } from '../../domain/table/items.ts';
import { entityRecordKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { declareEntity } from '../cutoffs.ts';
import { deleteAll } from '../erasure/delete-all.ts';
import { everyPage } from '../pagination.ts';
import type { QuotaExceeded } from '../projects/quota.ts';
import { isDeleted } from '../retrieval/list-entities.ts';

/** Collections of a project. */
export const maxCollections = 100;

type Access = Pick<Platform, 'store'>;

/** Record of a collection or a file that the API created and that was not deleted since. */
export type Declared = Item<'ENTITY'> & { declared: string };

/** Reads the records of entities of one kind, strongly consistent; undefined for one that is absent or deleted. */
export const readDeclared = async (
  { store }: Access,
  project: string,
  kind: Entity['kind'],
  ids: readonly string[],
): Promise<(Declared | undefined)[]> => {
  // The record of the kind itself is no entity, and no key may be read twice.
  const named = [...new Set(ids)].filter((id) => id !== anyId);
  const keys = [anyId, ...named].map((id) => entityRecordKey(project, { kind, id }));
  const [ofKind, ...records] = await store.getMany(keys);
  const found = new Map(
    records.flatMap((record) =>
      record && isDeclaredIn(record, ofKind) ? [[record.id, record]] : [],
    ),
  );
  return ids.map((id) => found.get(id));
};

/** Whether the record is that of an entity that the API created and that was not deleted since. */
export const isDeclaredIn = (
  record: Item<'ENTITY'>,
  ofKind: Item<'ENTITY'> | undefined,
): record is Declared => record.declared !== undefined && !isDeleted(record, ofKind);

/** Whether a turn named the entity, or the API created it. Strongly consistent for turns whose add was answered. */
export const isRecorded = async (
  { store }: Access,
  project: string,
  entity: Entity,
): Promise<boolean> => (await store.get(entityRecordKey(project, entity))) !== undefined;

/** Lists the records of a kind whose ids begin with `prefix`, which has no special characters; strongly consistent. */
export const listDeclared = async (
  { store }: Access,
  project: string,
  kind: Entity['kind'],
  prefix = '',
): Promise<Declared[]> => {
  const { pk } = entityRecordKey(project, { kind, id: anyId });
  const [ofKind, records] = await Promise.all([
    store.get(entityRecordKey(project, { kind, id: anyId })),
    everyPage((from) => store.query({ kind: 'ENTITY', pk, prefix: `${kind}#${prefix}`, ...from })),
  ]);
  return records.flatMap(({ item }) =>
    item.id !== anyId && isDeclaredIn(item, ofKind) ? [item] : [],
  );
};

/**
 * Creates an empty collection.
 * @returns the id, or that the project has `maxCollections` already. Concurrent requests may exceed that number
 */
export const createCollection = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  project: string,
  description: { name: string; description?: string },
): Promise<{ outcome: 'created'; id: string } | { outcome: 'full'; limit: number }> => {
  const existing = await listDeclared(platform, project, 'collection');
  if (existing.length >= maxCollections) return { outcome: 'full', limit: maxCollections };
  const id = platform.ids.next();
  await declareEntity(platform, project, { kind: 'collection', id }, description);
  return { outcome: 'created', id };
};

/** A collection of a project. */
export interface Collection {
  id: string;
  name: string;
  description?: string;
  createdAt: number;
}

const collectionOf = ({ id, metadata = {}, createdAt }: Declared): Collection => {
  const { name, description } = metadata;
  return {
    id,
    name: typeof name === 'string' ? name : '',
    ...(typeof description === 'string' ? { description } : {}),
    createdAt,
  };
};

/** Returns a page of the collections of a project, newest first, and their number; strongly consistent. */
export const listCollections = async (
  platform: Access,
  project: string,
  { skip, limit }: { skip: number; limit: number },
): Promise<{ total: number; collections: Collection[] }> => {
  const all = await listDeclared(platform, project, 'collection');
  const page = newestFirst(all).slice(skip, skip + limit);
  return { total: all.length, collections: page.map(collectionOf) };
};

/** Sorts records by the time at which the API created their entities. */
export const newestFirst = (records: readonly Declared[]): Declared[] =>
  records.toSorted((a, b) => (a.declared < b.declared ? 1 : -1));

/** Returns the ids of all collections of a project, strongly consistent. */
export const listCollectionIds = async (platform: Access, project: string): Promise<string[]> =>
  (await listDeclared(platform, project, 'collection')).map(({ id }) => id);

/** Returns the first of the ids that is no collection of the project; undefined if all are. Strongly consistent. */
export const findUnknownCollection = async (
  platform: Access,
  project: string,
  ids: readonly string[],
): Promise<string | undefined> => {
  const records = await readDeclared(platform, project, 'collection', ids);
  return ids.find((_, index) => !records[index]);
};

/**
 * Deletes a collection with its files and all that was drawn from them, as a delete-all of the collection. Once this resolves no
 * read shows any of it, and nothing is added any more; the job of the event erases it, with the names of the files.
 */
export const deleteCollection = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<{ outcome: 'begun'; event: string } | { outcome: 'unknown' } | QuotaExceeded> => {
  if ((await findUnknownCollection(platform, project, [id])) !== undefined)
    return { outcome: 'unknown' };
  return deleteAll(platform, project, { collection: id });
};
