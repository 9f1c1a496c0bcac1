import type { DueClass } from '../domain/table/due-class.ts';
import type { Item, ItemKind, Key } from '../domain/table/items.ts';

type Scalar = string | number | boolean;

/**
 * Test of the stored item that a step names. Attributes are top-level fields. An expired item counts as absent, and for an
 * absent item only `absent` and `missing` hold. Strings are compared by code unit or by code point, depending on the
 * store: rely on the order of ASCII only.
 */
export type Predicate =
  | { is: 'absent' | 'present' }
  | { attribute: string; equals: Scalar }
  | { attribute: string; in: readonly Scalar[] }
  | { attribute: string; atMost: string | number }
  | { attribute: string; is: 'missing' }
  | { any: readonly Predicate[] }
  | { all: readonly Predicate[] };

/** A predicate with the name by which a refusal reports it. */
export interface Condition {
  name: string;
  test: Predicate;
}

/** Write or check of a transaction. No two steps of a transaction name the same item. */
export type Step =
  /** Replaces the whole item. */
  | { op: 'put'; key: Key; item: Item; when?: Condition }
  /** Sets and removes attributes. Creates the item when it is absent, unless a condition requires it to be present. */
  | {
      op: 'update';
      key: Key;
      set: { readonly [attribute: string]: unknown };
      remove: readonly string[];
      when?: Condition;
    }
  /** Deletes the item; an absent one is no error. */
  | { op: 'delete'; key: Key; when?: Condition }
  /** Writes nothing, but makes the transaction depend on the condition. */
  | { op: 'check'; key: Key; when: Condition };

/** A condition that did not hold. */
export interface FailedCondition {
  /** Position of the step in the transaction. */
  step: number;
  /** Name of the condition. */
  condition: string;
  /** The item that the condition was tested against; undefined when absent. */
  current: Item | undefined;
}

export type TransactResult =
  | { committed: true }
  | { committed: false; refusals: FailedCondition[] };

/** A range of items under one partition key, in the order of their sort keys. */
export interface Range<K extends ItemKind = ItemKind> {
  kind: K;
  pk: string;
  /** Only sort keys that start with this. */
  prefix: string;
  newestFirst?: boolean;
  /** Sort key to start at (inclusive), in the direction of reading; must have the prefix. Excludes `after`. */
  from?: string;
  limit?: number;
  /**
   * The `next` of the previous page: the sort key that the page follows; in a listing, the sort key of the listing with the key of the item,
   * as JSON. A surface checks the form of a client's cursor (`cursor-position.ts`).
   */
  after?: string;
}

export interface Page<K extends ItemKind> {
  items: { key: Key<K>; item: Item<K> }[];
  /** Cursor of the next page; absent on the last. A page may be short, even empty, and still have a `next`. */
  next?: string;
}

/** A committed write of an item. */
export interface StoreChange {
  pk: string;
  sk: string;
  /** Returns the item as written; undefined when it was deleted. */
  read(): Item | undefined;
}

export interface DueQuery {
  class: DueClass;
  /** Default: the longest due. */
  from?: number;
  until: number;
  limit: number;
}

export interface DueItem {
  key: Key;
  dueAt: number;
}

/**
 * Table of items. All reads but `list` and `due` are strongly consistent; two reads together are no snapshot.
 * Every method throws RetryableError when the store cannot be reached.
 */
export interface Store {
  get<K extends ItemKind>(key: Key<K>): Promise<Item<K> | undefined>;
  /** Reads any number of items, in the order of the keys, which may repeat; undefined for an absent item. */
  getMany<K extends ItemKind>(keys: readonly Key<K>[]): Promise<(Item<K> | undefined)[]>;
  /** Reads a page of a partition. */
  query<K extends ItemKind>(range: Range<K>): Promise<Page<K>>;
  /**
   * Commits all steps or none. Resolves with the failed conditions when at least one did not hold.
   * @throws RetryableError `transaction_conflict`: a concurrent transaction touched the same items, and nothing was
   * written. After any other error the outcome is unknown: the transaction may have been committed.
   */
  transact(steps: readonly Step[]): Promise<TransactResult>;
  /** Reads a page of the secondary index: `pk` is matched with `listPk`, sort keys with `listSk`. Eventually consistent. */
  list<K extends ItemKind>(range: Range<K>): Promise<Page<K>>;
  /**
   * Finds items of a class with `from <= dueAt <= until`, the longest due first, at most `limit`. Fewer may be returned although more
   * are due, but less than a hundred, or `limit`, only if these are all. Eventually consistent.
   */
  due(query: DueQuery): Promise<DueItem[]>;
  /** Deletes a bounded number of items that expired before `until`. Returns their number; 0 where the service does so itself. */
  purge(until: number): Promise<number>;
  /**
   * Resolves once no data that was overwritten or deleted before the call can be read from the medium. Absent where the
   * service guarantees that by itself.
   * @throws RetryableError `erasure_delayed`
   */
  secureDelete?(): Promise<void>;
  /**
   * Calls `onChange` for each write, after the commit and before the writer gets its answer; with undefined when items may have
   * changed of which nothing is known. A write of another process is noticed at the latest by the next `getMany`. Expiry is no write.
   * Absent where the service cannot do so.
   */
  watch?(onChange: (change: StoreChange | undefined) => void): void;
  /** Resolves when the store can be reached, for the health check. */
  check(): Promise<void>;
  close(): Promise<void>;
}
