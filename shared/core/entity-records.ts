import { anyId } from '../domain/memory/entities.ts';
import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import { epochKey } from '../domain/table/keys.ts';
import type { Store } from '../ports/store.ts';

type RecordKey = Key<'ENTITY'>;
type EntityItem = Item<'ENTITY'> | undefined;

/** Records of whole kinds of entities that were absent at an epoch. */
interface KnownKinds {
  epoch: string | undefined;
  absent: ReadonlySet<string>;
}

interface KindsRead {
  /** Records that were known before the read. */
  before: KnownKinds | undefined;
  epoch: string | undefined;
  keys: readonly RecordKey[];
  /** Empty if all were known. */
  read: ReadonlyMap<string, EntityItem>;
}

/** Projects of a store of which the kinds are known, at most. */
const maxProjects = 1_000;
const known = new WeakMap<Pick<Store, 'getMany'>, Map<string, KnownKinds>>();

/** Whether a record is that of a whole kind. An id may contain any character. */
const isOfKind = ({ sk }: RecordKey): boolean => sk.slice(sk.indexOf('#') + 1) === anyId;

const knownOf = (store: Pick<Store, 'getMany'>): Map<string, KnownKinds> => {
  const projects = known.get(store) ?? new Map<string, KnownKinds>();
  known.set(store, projects);
  if (projects.size > maxProjects) projects.clear();
  return projects;
};

/**
 * Returns the records of kinds that are not known to be absent, and keeps which are absent. An absence is known for an epoch which was read
 * before the record, and is the same now: two reads of one epoch have no delete-all of a kind between them. A record that exists is read each
 * time: it changes without a new epoch, when it expires.
 */
const currentKinds = async (
  store: Pick<Store, 'getMany'>,
  project: string,
  { before, epoch, keys, read }: KindsRead,
): Promise<ReadonlyMap<string, EntityItem>> => {
  if (keys.length === 0) return new Map();
  const isSame = before !== undefined && before.epoch === epoch;
  if (isSame && read.size === 0) return read;
  const absent = [...read].flatMap(([sk, record]) => (record ? [] : [sk]));
  knownOf(store).set(project, {
    epoch,
    absent: new Set(isSame ? [...before.absent, ...absent] : []),
  });
  if (read.size > 0) return read;
  const found = await store.getMany(keys);
  return new Map(keys.map(({ sk }, at) => [sk, found[at]]));
};

/**
 * Reads records of entities, strongly consistent, in the order of the keys, and other items with them. All turns of a project read the
 * records of their kinds, which are mostly absent. An absence is kept: each delete-all of a kind changes the epoch, of which one of many
 * copies is read instead. Takes one round trip, and another one after a delete-all of a kind.
 */
export const readEntityRecords = async <K extends ItemKind = never>(
  store: Pick<Store, 'getMany'>,
  project: string,
  keys: readonly RecordKey[],
  others: readonly Key<K>[] = [],
): Promise<{ records: EntityItem[]; others: (Item<K> | undefined)[] }> => {
  const own = keys.filter((key) => !isOfKind(key));
  const ofKinds = keys.filter(isOfKind);
  const before = knownOf(store).get(project);
  const areKnown = ofKinds.every(({ sk }) => before?.absent.has(sk));
  const direct = areKnown ? own : [...own, ...ofKinds];
  // Copies of the epoch are spread over the entities.
  const copies = ofKinds.slice(0, 1).map(() => epochKey(project, own[0]?.sk ?? ''));
  const items = await store.getMany<ItemKind>([...direct, ...others, ...copies]);
  const found = new Map(direct.map(({ sk }, at) => [sk, items[at] as EntityItem]));
  const epoch = (items.at(-1) as Item<'EPOCH'> | undefined)?.value;
  const read = new Map([...found].filter(([sk]) => ofKinds.some((key) => key.sk === sk)));
  const kinds = await currentKinds(store, project, { before, epoch, keys: ofKinds, read });
  return {
    records: keys.map(({ sk }) => found.get(sk) ?? kinds.get(sk)),
    others: items.slice(direct.length, direct.length + others.length) as (Item<K> | undefined)[],
  };
};
