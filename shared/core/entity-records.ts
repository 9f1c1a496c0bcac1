import { anyId } from '../domain/memory/entities.ts';
import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import { epochKey } from '../domain/table/keys.ts';
import type { Store } from '../ports/store.ts';

type RecordKey = Key<'ENTITY'>;
type EntityItem = Item<'ENTITY'> | undefined;

/** Records of whole kinds of entities, as they were read after an epoch. */
interface KnownKinds {
  epoch: string | undefined;
  records: Map<string, EntityItem>;
}

interface KindsRead {
  /** Records that were known before the read. */
  before: KnownKinds | undefined;
  epoch: string | undefined;
  keys: readonly RecordKey[];
  /** Empty if all were known. */
  read: ReadonlyMap<string, EntityItem>;
}

/** By store and project: a few records for each project. */
const known = new WeakMap<Pick<Store, 'getMany'>, Map<string, KnownKinds>>();

/** Whether a record is that of a whole kind. An id may contain any character. */
const isOfKind = ({ sk }: RecordKey): boolean => sk.slice(sk.indexOf('#') + 1) === anyId;

const knownOf = (store: Pick<Store, 'getMany'>): Map<string, KnownKinds> => {
  const projects: Map<string, KnownKinds> = known.get(store) ?? new Map();
  known.set(store, projects);
  return projects;
};

/**
 * Returns the records of kinds, of which those that were not known before the epoch were read with it, and keeps them. Records belong to
 * an epoch if it was read before them, too: two reads of one epoch have none between them.
 */
const currentKinds = async (
  store: Pick<Store, 'getMany'>,
  project: string,
  { before, epoch, keys, read }: KindsRead,
): Promise<ReadonlyMap<string, EntityItem>> => {
  const isSame = before !== undefined && before.epoch === epoch;
  if (isSame && read.size === 0) return before.records;
  const isLate = read.size === 0;
  const found = isLate ? await store.getMany(keys) : [];
  const now = isLate ? new Map(keys.map(({ sk }, at) => [sk, found[at]])) : read;
  const kept = isSame || isLate ? [...(isSame ? before.records : []), ...now] : [];
  knownOf(store).set(project, { epoch, records: new Map(kept) });
  return now;
};

/**
 * Reads records of entities, strongly consistent, in the order of the keys, and other items with them. All turns of a project read the
 * records of their kinds. So these are kept: each of their delete-alls changes the epoch, of which one of many copies is read instead. One
 * round trip, and another one after a delete-all of a kind.
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
  const areKnown = ofKinds.every(({ sk }) => before?.records.has(sk));
  const direct = areKnown ? own : [...own, ...ofKinds];
  // Copies of the epoch are spread over the entities.
  const copies = ofKinds.slice(0, 1).map(() => epochKey(project, own[0]?.sk ?? ''));
  const items = await store.getMany<ItemKind>([...direct, ...others, ...copies]);
  const found = new Map(direct.map(({ sk }, at) => [sk, items[at] as EntityItem]));
  const epoch = (items.at(-1) as Item<'EPOCH'> | undefined)?.value;
  const read = new Map([...found].slice(own.length));
  const kinds =
    copies.length > 0 &&
    (await currentKinds(store, project, { before, epoch, keys: ofKinds, read }));
  return {
    records: keys.map(({ sk }) => found.get(sk) ?? (kinds || undefined)?.get(sk)),
    others: items.slice(direct.length, direct.length + others.length) as (Item<K> | undefined)[],
  };
};
