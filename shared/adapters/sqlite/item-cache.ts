import type { Item, ItemKind, Key } from '../../domain/items.ts';

/** Items as they stand in the file, in memory; whoever reads one gets a copy that can do the others no harm. */
export interface ItemCache {
  get<K extends ItemKind>(key: Key<K>, now: number): Item<K> | undefined;
  /** Answers a copy as well. */
  keep<K extends ItemKind>(key: Key<K>, body: string): Item<K>;
  forget(pk: string, sk: string): void;
  clear(): void;
}

const freeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  Object.values(value).forEach(freeze);
  Object.freeze(value);
};

interface Held {
  item: Item;
  /** Attributes that are lists. */
  lists: { name: string; list: readonly unknown[] }[];
  size: number;
}

/** Keeps a copy of its own: what is inside of it is frozen; itself it is not, for then it could not be copied fast. */
const hold = (body: string): Held => {
  const item: Item = JSON.parse(body);
  Object.values(item).forEach(freeze);
  const lists = Object.entries(item).flatMap(([name, list]) =>
    Array.isArray(list) ? [{ name, list }] : [],
  );
  return { item, lists, size: body.length };
};

/** The item and its lists anew; the objects in it are shared, for they cannot be changed. Far faster than to parse it again. */
const copyOf = ({ item, lists }: Held): Item => {
  const copy: Item & { [attribute: string]: unknown } = { ...item };
  for (const { name, list } of lists) copy[name] = [...list];
  return copy;
};

const nameOf = (pk: string, sk: string): string => `${pk}\n${sk}`;

/**
 * Holds bodies of `maxSize` characters together, in two generations: whatever is read joins the young one, and when that
 * is full, it takes the place of the old one, which goes with all that was not read since.
 */
export const createItemCache = (maxSize: number): ItemCache => {
  let young = new Map<string, Held>();
  let old = new Map<string, Held>();
  let size = 0;

  const clear = (): void => {
    young = new Map();
    old = new Map();
    size = 0;
  };

  const add = (name: string, entry: Held): void => {
    if (size > 0 && size + entry.size > maxSize / 2) {
      old = young;
      young = new Map();
      size = 0;
    }
    young.set(name, entry);
    size += entry.size;
  };

  const drop = (name: string): void => {
    size -= young.get(name)?.size ?? 0;
    young.delete(name);
    old.delete(name);
  };

  const find = (name: string): Held | undefined => {
    const known = young.get(name);
    if (known) return known;
    const entry = old.get(name);
    if (entry) add(name, entry);
    return entry;
  };

  return {
    get<K extends ItemKind>({ pk, sk }: Key<K>, now: number) {
      const entry = find(nameOf(pk, sk));
      if (!entry || (entry.item.expiresAt ?? Number.POSITIVE_INFINITY) <= now) return undefined;
      // What stands at a key is of the key's kind.
      return copyOf(entry) as Item<K>;
    },
    keep<K extends ItemKind>({ pk, sk }: Key<K>, body: string) {
      const name = nameOf(pk, sk);
      const entry = hold(body);
      drop(name);
      add(name, entry);
      return copyOf(entry) as Item<K>;
    },
    forget: (pk, sk) => drop(nameOf(pk, sk)),
    clear,
  };
};
