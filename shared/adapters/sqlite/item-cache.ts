import type { Item, ItemKind, Key } from '../../domain/table/items.ts';

/** Cache of stored items. Each read returns a copy, so that a caller that changes its copy affects no other reader. */
export interface ItemCache {
  get<K extends ItemKind>(key: Key<K>, now: number): Item<K> | undefined;
  set(name: string, body: string): void;
  remove(name: string): void;
  clear(): void;
}

const freeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  Object.values(value).forEach(freeze);
  Object.freeze(value);
};

/** Number of reads after which an item is parsed once and then cloned. Most items are read once or twice. */
const parseAfterReads = 3;

interface Parsed {
  item: Item;
  /** Attributes that are lists. */
  lists: { name: string; list: readonly unknown[] }[];
}

interface CachedBody {
  body: string;
  reads: number;
  parsed?: Parsed;
}

/**
 * Freezes the values of the item, which its clones share. The item itself is not frozen: spreading a frozen object is
 * slow.
 */
const parse = (body: string): Parsed => {
  const item: Item = JSON.parse(body);
  Object.values(item).forEach(freeze);
  const lists = Object.entries(item).flatMap(([name, list]) =>
    Array.isArray(list) ? [{ name, list }] : [],
  );
  return { item, lists };
};

/** Copies the item and its lists, and shares the frozen objects in it: far faster than parsing again. */
const clone = ({ item, lists }: Parsed): Item => {
  const copy: Item & { [attribute: string]: unknown } = { ...item };
  for (const { name, list } of lists) copy[name] = [...list];
  return copy;
};

const read = (entry: CachedBody): Item => {
  entry.reads += 1;
  if (entry.reads < parseAfterReads) return JSON.parse(entry.body);
  entry.parsed ??= parse(entry.body);
  return clone(entry.parsed);
};

export const cacheKey = (pk: string, sk: string): string => `${pk}\n${sk}`;

/**
 * Creates a cache of at most `maxSize` characters, with an approximate LRU of two generations: each read moves an item
 * into the current generation. When that is full, it becomes the previous one, and items not read since are dropped.
 */
export const createItemCache = (maxSize: number): ItemCache => {
  let current = new Map<string, CachedBody>();
  let previous = new Map<string, CachedBody>();
  let size = 0;

  const clear = (): void => {
    current = new Map();
    previous = new Map();
    size = 0;
  };

  const add = (name: string, entry: CachedBody): void => {
    const { length } = entry.body;
    if (size > 0 && size + length > maxSize / 2) {
      previous = current;
      current = new Map();
      size = 0;
    }
    current.set(name, entry);
    size += length;
  };

  const remove = (name: string): void => {
    size -= current.get(name)?.body.length ?? 0;
    current.delete(name);
    previous.delete(name);
  };

  const find = (name: string): CachedBody | undefined => {
    const recent = current.get(name);
    if (recent) return recent;
    const entry = previous.get(name);
    if (entry) add(name, entry);
    return entry;
  };

  return {
    get<K extends ItemKind>({ pk, sk }: Key<K>, now: number) {
      const entry = find(cacheKey(pk, sk));
      const item = entry && read(entry);
      if (!item || (item.expiresAt ?? Number.POSITIVE_INFINITY) <= now) return undefined;
      // Items are only written under keys of their kind.
      return item as Item<K>;
    },
    set(name, body) {
      remove(name);
      add(name, { body, reads: 0 });
    },
    remove,
    clear,
  };
};
