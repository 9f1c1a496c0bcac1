import type { Item, ItemKind, Key } from '../../domain/table/items.ts';

/** Items as they stand in the file, in memory; whoever reads one gets a copy that can do the others no harm. */
export interface ItemCache {
  get<K extends ItemKind>(key: Key<K>, now: number): Item<K> | undefined;
  set(name: string, body: string): void;
  forget(name: string): void;
  clear(): void;
}

const freeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  Object.values(value).forEach(freeze);
  Object.freeze(value);
};

/** Of an item that is read so often it is taken apart once and copied then; most are read once or twice. */
const parseAfterReads = 3;

interface Parsed {
  item: Item;
  /** Attributes that are lists. */
  lists: { name: string; list: readonly unknown[] }[];
}

interface CachedBody {
  body: string;
  reads: number;
  master?: Parsed;
}

/** What is inside of it is frozen; itself it is not, for then it could not be copied fast. */
const masterOf = (body: string): Parsed => {
  const item: Item = JSON.parse(body);
  Object.values(item).forEach(freeze);
  const lists = Object.entries(item).flatMap(([name, list]) =>
    Array.isArray(list) ? [{ name, list }] : [],
  );
  return { item, lists };
};

/** The item and its lists anew; the objects in it are shared, for they cannot be changed. Far faster than to parse it again. */
const copyOf = ({ item, lists }: Parsed): Item => {
  const copy: Item & { [attribute: string]: unknown } = { ...item };
  for (const { name, list } of lists) copy[name] = [...list];
  return copy;
};

const read = (entry: CachedBody): Item => {
  entry.reads += 1;
  if (entry.reads < parseAfterReads) return JSON.parse(entry.body);
  entry.master ??= masterOf(entry.body);
  return copyOf(entry.master);
};

export const cacheKey = (pk: string, sk: string): string => `${pk}\n${sk}`;

/**
 * Holds bodies of `maxSize` characters together, in two generations: whatever is read joins the young one, and when that
 * is full, it takes the place of the old one, which goes with all that was not read since.
 */
export const createItemCache = (maxSize: number): ItemCache => {
  let young = new Map<string, CachedBody>();
  let old = new Map<string, CachedBody>();
  let size = 0;

  const clear = (): void => {
    young = new Map();
    old = new Map();
    size = 0;
  };

  const add = (name: string, entry: CachedBody): void => {
    const { length } = entry.body;
    if (size > 0 && size + length > maxSize / 2) {
      old = young;
      young = new Map();
      size = 0;
    }
    young.set(name, entry);
    size += length;
  };

  const drop = (name: string): void => {
    size -= young.get(name)?.body.length ?? 0;
    young.delete(name);
    old.delete(name);
  };

  const find = (name: string): CachedBody | undefined => {
    const known = young.get(name);
    if (known) return known;
    const entry = old.get(name);
    if (entry) add(name, entry);
    return entry;
  };

  return {
    get<K extends ItemKind>({ pk, sk }: Key<K>, now: number) {
      const entry = find(cacheKey(pk, sk));
      const item = entry && read(entry);
      if (!item || (item.expiresAt ?? Number.POSITIVE_INFINITY) <= now) return undefined;
      // What stands at a key is of the key's kind.
      return item as Item<K>;
    },
    set(name, body) {
      drop(name);
      add(name, { body, reads: 0 });
    },
    forget: drop,
    clear,
  };
};
