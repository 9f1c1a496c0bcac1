import type { Item } from '../../domain/table/items.ts';
import type { FailedCondition, Step, TransactResult } from '../../ports/store.ts';
import { holds } from './condition.ts';
import { cacheKey } from './item-cache.ts';
import { type ItemRows, rowOf } from './item-rows.ts';

/** As many as the smallest of the stores allows. */
const maxSteps = 100;

/** A step, prepared before its turn comes. */
interface Prepared {
  /** Whether its condition holds; it writes nothing. */
  test(now: number): boolean;
  /** Carries it out, its condition having been tested. */
  write(now: number): void;
  /** Where nothing may stand: tests and writes in one statement, and writes nothing when it answers false. */
  acquire?(now: number): boolean;
  /** Characters that it writes. */
  size: number;
}

const conditionHolds = ({ when }: Step, current: Item | undefined): boolean =>
  when === undefined || holds(when.test, current);

const isAbsentTest = ({ when }: Step): boolean =>
  when !== undefined && 'is' in when.test && when.test.is === 'absent';

/** Reads what the step names once, however often it is asked. */
const readerOf = (rows: ItemRows, { key }: Step) => {
  let found: { current: Item | undefined } | undefined;
  return (now: number): Item | undefined => {
    found ??= { current: rows.get(key, now) };
    return found.current;
  };
};

const putOf = (rows: ItemRows, step: Extract<Step, { op: 'put' }>): Prepared => {
  const row = rowOf(step.key, step.item);
  const read = readerOf(rows, step);
  return {
    test: (now) => step.when === undefined || conditionHolds(step, read(now)),
    write: (now) => rows.put(row, step.when && read(now)),
    ...(isAbsentTest(step) && { acquire: (now) => rows.putIfAbsent(row, now) }),
    size: row[3].length,
  };
};

const updateOf = (rows: ItemRows, step: Extract<Step, { op: 'update' }>): Prepared => {
  const { key, remove } = step;
  const set: object = JSON.parse(JSON.stringify(step.set));
  const read = readerOf(rows, step);
  return {
    test: (now) => step.when === undefined || conditionHolds(step, read(now)),
    write(now) {
      const current = read(now);
      const item = { ...current, ...set };
      for (const attribute of remove) Reflect.deleteProperty(item, attribute);
      rows.put(rowOf(key, item as Item), current);
    },
    size: 0,
  };
};

/** Takes the values of the step now: what the caller does to them later changes nothing. */
const prepare = (rows: ItemRows, step: Step): Prepared => {
  const test = (now: number) =>
    step.when === undefined || conditionHolds(step, rows.get(step.key, now));
  switch (step.op) {
    case 'put':
      return putOf(rows, step);
    case 'update':
      return updateOf(rows, step);
    case 'check':
      return { test, write() {}, size: 0 };
    case 'delete':
      return { test, write: () => rows.remove(step.key), size: 0 };
  }
};

/** The longest of those that test as they write. */
const claimOf = (prepared: readonly Prepared[]): Prepared | undefined =>
  prepared
    .filter(({ acquire }) => acquire !== undefined)
    .reduce<Prepared | undefined>((a, b) => (a && a.size >= b.size ? a : b), undefined);

const refusalsOf = (rows: ItemRows, steps: readonly Step[], now: number): FailedCondition[] =>
  steps.flatMap(({ key, when }, step) => {
    if (!when) return [];
    const current = rows.get(key, now);
    return holds(when.test, current) ? [] : [{ step, condition: when.name, current }];
  });

const validate = (steps: readonly Step[]): void => {
  if (steps.length > maxSteps)
    throw new TypeError(`a transaction has at most ${maxSteps} steps, not ${steps.length}`);
  const items = new Set(steps.map(({ key }) => cacheKey(key.pk, key.sk)));
  if (items.size < steps.length)
    throw new TypeError('no two steps of a transaction name the same item');
};

/**
 * The transaction as work for a savepoint. Every condition is tested before anything is written, but one whose test is
 * its write: what is taken back would stay in free pages of the file, where no erasure finds it. (SQLite puts back only
 * pages that were in use: one that was free keeps what was written to it.)
 */
export const transaction = (rows: ItemRows, steps: readonly Step[]) => {
  validate(steps);
  const prepared = steps.map((step) => prepare(rows, step));
  const acquire = claimOf(prepared);
  const others = prepared.filter((step) => step !== acquire);
  return (now: number): TransactResult => {
    if (!others.every(({ test }) => test(now)) || acquire?.acquire?.(now) === false)
      return { committed: false, refusals: refusalsOf(rows, steps, now) };
    for (const { write } of others) write(now);
    return { committed: true };
  };
};
