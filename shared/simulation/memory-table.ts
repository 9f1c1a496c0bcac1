import { evaluate } from '../adapters/sqlite/condition.ts';
import { type DueClass, dueClassOf } from '../domain/table/due-class.ts';
import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import type {
  DueItem,
  FailedCondition,
  Page,
  Range,
  Step,
  Store,
  TransactResult,
} from '../ports/store.ts';

/** Change of one item by a committed transaction. */
export interface Write {
  key: Key;
  before: Item | undefined;
  after: Item | undefined;
}

interface Row {
  key: Key;
  item: Item;
}

/** Synchronous in-memory store with serializable transactions. Arguments and results are copied. */
export interface MemoryTable {
  get<K extends ItemKind>(key: Key<K>): Item<K> | undefined;
  query<K extends ItemKind>(range: Range<K>): Page<K>;
  list<K extends ItemKind>(range: Range<K>): Page<K>;
  /** Due items, the longest due first, of one class or of both. */
  due(query: { class?: DueClass; from?: number; until: number; limit: number }): DueItem[];
  transact(steps: readonly Step[]): TransactResult;
  purge(until: number): number;
  /** Reports writes as `Store.watch` does. */
  watch: NonNullable<Store['watch']>;
  /** Every item, not copied: callers must not change them. */
  rows(): Iterable<Row>;
}

const maxSteps = 100;
const maxPage = 1_000;

/** Deep copy without undefined attributes, as a store returns items. */
const copyOf = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(value))
    if (attribute !== undefined) copy[name] = copyOf(attribute);
  return copy as T;
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const nameOf = ({ pk, sk }: Key): string => `${pk}\n${sk}`;

const validate = (steps: readonly Step[]): void => {
  if (steps.length > maxSteps)
    throw new TypeError(`a transaction has at most ${maxSteps} steps, not ${steps.length}`);
  if (new Set(steps.map(({ key }) => nameOf(key))).size < steps.length)
    throw new TypeError('no two steps of a transaction name the same item');
};

const pageOf = <K extends ItemKind>(
  sorted: readonly (Row & { at: string })[],
  { newestFirst = false, limit = maxPage, from, after }: Range<K>,
): Page<K> => {
  const ordered = newestFirst ? sorted.toReversed() : sorted;
  const orderOf = (at: string, bound: string) => compare(at, bound) * (newestFirst ? -1 : 1);
  const isThere = (at: string) =>
    (after === undefined || orderOf(at, after) > 0) &&
    (from === undefined || orderOf(at.split('\n', 1)[0] ?? '', from) >= 0);
  const rest = ordered.filter(({ at }) => isThere(at));
  const page = rest.slice(0, Math.max(1, Math.min(limit, maxPage)));
  const last = page.at(-1);
  const items = page.map(({ key, item }) => ({
    key: { ...key } as Key<K>,
    item: copyOf(item) as Item<K>,
  }));
  return last && rest.length > page.length ? { items, next: last.at } : { items };
};

/** @param observe called within every commit, before the caller gets its response */
export const createMemoryTable = (
  now: () => number,
  observe: (writes: readonly Write[]) => void = () => {},
): MemoryTable => {
  const partitions = new Map<string, Map<string, Row>>();
  const due = new Map<string, Row>();
  const observers: Parameters<MemoryTable['watch']>[0][] = [];

  const isThere = (row: Row | undefined): row is Row =>
    row !== undefined && !((row.item.expiresAt ?? Number.POSITIVE_INFINITY) <= now());

  const find = ({ pk, sk }: Key): Item | undefined => {
    const row = partitions.get(pk)?.get(sk);
    return isThere(row) ? row.item : undefined;
  };

  const write = (key: Key, item: Item | undefined): void => {
    const name = nameOf(key);
    if (item === undefined) {
      partitions.get(key.pk)?.delete(key.sk);
      due.delete(name);
      return;
    }
    const row = { key: { ...key }, item };
    const partition = partitions.get(key.pk) ?? new Map<string, Row>();
    partitions.set(key.pk, partition.set(key.sk, row));
    if (item.dueAt === undefined) due.delete(name);
    else due.set(name, row);
  };

  const outcomeOf = (step: Step, current: Item | undefined): Item | undefined => {
    if (step.op === 'put') return copyOf(step.item);
    if (step.op === 'check') return current;
    if (step.op === 'delete') return undefined;
    const item = { ...current, ...copyOf(step.set) };
    for (const attribute of step.remove) Reflect.deleteProperty(item, attribute);
    return item as Item;
  };

  const rows = (): Row[] =>
    [...partitions.values()].flatMap((partition) => [...partition.values()]);

  return {
    get: <K extends ItemKind>(key: Key<K>) => copyOf(find(key)) as Item<K> | undefined,
    query(range) {
      const found = [...(partitions.get(range.pk)?.values() ?? [])]
        .filter((row) => row.key.kind === range.kind && row.key.sk.startsWith(range.prefix))
        .filter(isThere)
        .map((row) => ({ ...row, at: row.key.sk }));
      return pageOf(
        found.sort((a, b) => compare(a.at, b.at)),
        range,
      );
    },
    list(range) {
      const found = rows()
        .filter(({ item }) => item.listPk === range.pk && item.listSk?.startsWith(range.prefix))
        .filter((row) => row.key.kind === range.kind && isThere(row))
        .map((row) => ({ ...row, at: `${row.item.listSk}\n${nameOf(row.key)}` }));
      return pageOf(
        found.sort((a, b) => compare(a.at, b.at)),
        range,
      );
    },
    due: ({ class: dueClass, from = Number.NEGATIVE_INFINITY, until, limit }) =>
      [...due.values()]
        .filter(({ key }) => dueClass === undefined || dueClassOf(key.pk) === dueClass)
        .filter((row) => isThere(row) && (row.item.dueAt ?? 0) <= until)
        .filter(({ item }) => (item.dueAt ?? 0) >= from)
        .sort((a, b) => (a.item.dueAt ?? 0) - (b.item.dueAt ?? 0))
        .slice(0, limit)
        .map(({ key, item }) => ({ key: { ...key }, dueAt: item.dueAt ?? 0 })),
    transact(steps) {
      validate(steps);
      const current = steps.map(({ key }) => find(key));
      const refusals = steps.flatMap(({ when }, step): FailedCondition[] =>
        when && !evaluate(when.test, current[step])
          ? [{ step, condition: when.name, current: copyOf(current[step]) }]
          : [],
      );
      if (refusals.length > 0) return { committed: false, refusals };
      const writes = steps.flatMap((step, index): Write[] => {
        if (step.op === 'check') return [];
        const before = current[index];
        return [{ key: step.key, before, after: outcomeOf(step, before) }];
      });
      for (const { key, after } of writes) write(key, after);
      for (const { key, after } of writes)
        for (const onChange of observers)
          onChange({ pk: key.pk, sk: key.sk, read: () => copyOf(after) });
      observe(writes);
      return { committed: true };
    },
    purge(until) {
      const gone = rows().filter(({ item }) => (item.expiresAt ?? until) < until);
      for (const { key } of gone) write(key, undefined);
      return gone.length;
    },
    watch: (onChange) => void observers.push(onChange),
    rows,
  };
};
