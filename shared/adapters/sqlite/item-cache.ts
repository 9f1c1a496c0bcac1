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

/** Keeps a copy of its own: what is inside of it is frozen. */
const hold = (body: string): Held => {
  const item: Item = JSON.parse(body);
  freeze(item);
  const lists = Object.entries(item).flatMap(([name, list]) =>
    Array.isArray(list) ? [{ name, list }] : [],
  );
  return { item, lists, size: body.length };
};

/** The item and its lists anew; the objects in it are shared, for they cannot be changed. Far faster than to parse it again. */
const copyOf = ({ item, lists }: Held): Item => {
  const copy = { ...item };
  for (const { name, list } of lists) Reflect.set(copy, name, [...list]);
  return copy;
};

const nameOf = (pk: string, sk: string): string => `${pk}\n${sk}`;

/** Holds bodies of `maxSize` characters together; the least recently read go first. */
export const createItemCache = (maxSize: number): ItemCache => {
  const held = new Map<string, Held>();
  let total = 0;

  const drop = (name: string): void => {
    const entry = held.get(name);
    if (!entry) return;
    held.delete(name);
    total -= entry.size;
  };

  return {
    get<K extends ItemKind>({ pk, sk }: Key<K>, now: number) {
      const name = nameOf(pk, sk);
      const entry = held.get(name);
      if (!entry || (entry.item.expiresAt ?? Number.POSITIVE_INFINITY) <= now) return undefined;
      held.delete(name);
      held.set(name, entry);
      // What stands at a key is of the key's kind.
      return copyOf(entry) as Item<K>;
    },
    keep<K extends ItemKind>({ pk, sk }: Key<K>, body: string) {
      const name = nameOf(pk, sk);
      drop(name);
      const entry = hold(body);
      held.set(name, entry);
      total += entry.size;
      for (const [oldest] of held) {
        if (total <= maxSize || held.size === 1) break;
        drop(oldest);
      }
      return copyOf(entry) as Item<K>;
    },
    forget: (pk, sk) => drop(nameOf(pk, sk)),
    clear() {
      held.clear();
      total = 0;
    },
  };
};
