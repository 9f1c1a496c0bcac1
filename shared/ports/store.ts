import type { Item, ItemKind, Key } from '../domain/table/items.ts';

type Scalar = string | number | boolean;

/**
 * What must hold of the item a step names. Attributes are top-level fields. An expired item counts as absent, and of an
 * absent item only `absent` and `missing` hold. Strings compare by code unit or by code point: the order of ASCII is sure.
 */
export type Predicate =
  | { is: 'absent' | 'present' }
  | { attribute: string; equals: Scalar }
  | { attribute: string; in: readonly Scalar[] }
  | { attribute: string; atMost: string | number }
  | { attribute: string; is: 'missing' }
  | { any: readonly Predicate[] }
  | { all: readonly Predicate[] };

/** A test with the name it is refused under. */
export interface Condition {
  name: string;
  test: Predicate;
}

/** One write of a transaction. No two steps of a transaction name the same item. */
export type Step =
  | { op: 'put'; key: Key; item: Item; when?: Condition }
  /** Creates the item when there is none: condition on `present` where that must not happen. */
  | {
      op: 'update';
      key: Key;
      set: { readonly [attribute: string]: unknown };
      remove: readonly string[];
      when?: Condition;
    }
  | { op: 'delete'; key: Key; when?: Condition }
  | { op: 'check'; key: Key; when: Condition };

/** A condition that did not hold. `current` is the item it was tested against, undefined when absent. */
export interface FailedCondition {
  step: number;
  condition: string;
  current: Item | undefined;
}

export type Transacted = { committed: true } | { committed: false; refusals: FailedCondition[] };

export interface Range<K extends ItemKind = ItemKind> {
  kind: K;
  pk: string;
  /** Sort keys that start with this. */
  prefix: string;
  newestFirst?: boolean;
  /** A sort key with the prefix: begins there, itself included, in the direction of reading. Not together with `after`. */
  from?: string;
  limit?: number;
  /** The `next` of the page before. */
  after?: string;
}

export interface Page<K extends ItemKind> {
  items: { key: Key<K>; item: Item<K> }[];
  /** Absent on the last page. A page may be short, even empty, and still have a next one. */
  next?: string;
}

/**
 * One table of items. All reads but `list` and `due` are strongly consistent; no two reads are a snapshot together.
 *
 * A transaction happens whole or not at all. `RetryableError('transaction_conflict')`: nothing was written.
 * Any other thrown error: the outcome is unknown.
 */
export interface Store {
  get<K extends ItemKind>(key: Key<K>): Promise<Item<K> | undefined>;
  /** In the order of the keys, any number of them, duplicates allowed; undefined where there is none. */
  getMany<K extends ItemKind>(keys: readonly Key<K>[]): Promise<(Item<K> | undefined)[]>;
  /** By sort key. */
  query<K extends ItemKind>(range: Range<K>): Promise<Page<K>>;
  transact(steps: readonly Step[]): Promise<Transacted>;
  /** The secondary listing `listPk`, by `listSk`. Eventually consistent. */
  list<K extends ItemKind>(range: Range<K>): Promise<Page<K>>;
  /** Keys of items with `dueAt <= until`, the longest due first. Eventually consistent. */
  due(query: { until: number; limit: number }): Promise<{ key: Key; dueAt: number }[]>;
  /** Removes what expired before `until`, a bounded number at a time; how many. Stores that do so by themselves answer 0. */
  purge(until: number): Promise<number>;
  /**
   * Resolves once nothing that was overwritten or removed before the call can be read from where the store keeps its
   * data. Stores whose service sees to that by itself leave it out.
   * @throws RetryableError erasure_held_up
   */
  secureDelete?(): Promise<void>;
  /** Answers when the store can be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}
