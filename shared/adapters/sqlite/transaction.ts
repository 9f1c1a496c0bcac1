import type { Item } from '../../domain/table/items.ts';
import type { FailedCondition, Step, TransactResult } from '../../ports/store.ts';
import { evaluate } from './condition.ts';
import { cacheKey } from './item-cache.ts';
import { type ItemRows, toRow } from './item-rows.ts';

/** Limit of DynamoDB, applied here too, so that every store accepts the same transactions. */
const maxSteps = 100;

/** A step with its values serialized. */
interface Prepared {
  /** Tests the condition without writing. */
  test(now: number): boolean;
  /** Writes, after the condition was tested. */
  write(now: number): void;
  /** Present on a put that requires `absent`: tests and writes in one statement; false if nothing was written. */
  putIfAbsent?(now: number): boolean;
  /** Characters written. */
  size: number;
}

const conditionHolds = ({ when }: Step, current: Item | undefined): boolean =>
  when === undefined || evaluate(when.test, current);

const isAbsentTest = ({ when }: Step): boolean =>
  when !== undefined && 'is' in when.test && when.test.is === 'absent';

/** Reads the item of a step once, however often called. */
const createItemReader = (rows: ItemRows, { key }: Step) => {
  let found: { current: Item | undefined } | undefined;
  return (now: number): Item | undefined => {
    found ??= { current: rows.get(key, now) };
    return found.current;
  };
};

const preparePut = (rows: ItemRows, step: Extract<Step, { op: 'put' }>): Prepared => {
  const row = toRow(step.key, step.item);
  const read = createItemReader(rows, step);
  return {
    test: (now) => step.when === undefined || conditionHolds(step, read(now)),
    write: (now) => rows.put(row, step.when && read(now)),
    ...(isAbsentTest(step) && { putIfAbsent: (now) => rows.putIfAbsent(row, now) }),
    size: row[3].length,
  };
};

const prepareUpdate = (rows: ItemRows, step: Extract<Step, { op: 'update' }>): Prepared => {
  const { key, remove } = step;
  const set: object = JSON.parse(JSON.stringify(step.set));
  const read = createItemReader(rows, step);
  return {
    test: (now) => step.when === undefined || conditionHolds(step, read(now)),
    write(now) {
      const current = read(now);
      const item = { ...current, ...set };
      for (const attribute of remove) Reflect.deleteProperty(item, attribute);
      rows.put(toRow(key, item as Item), current);
    },
    size: 0,
  };
};

/** Serializes the values of a step, so that later changes of them by the caller have no effect. */
const prepare = (rows: ItemRows, step: Step): Prepared => {
  const test = (now: number) =>
    step.when === undefined || conditionHolds(step, rows.get(step.key, now));
  switch (step.op) {
    case 'put':
      return preparePut(rows, step);
    case 'update':
      return prepareUpdate(rows, step);
    case 'check':
      return { test, write() {}, size: 0 };
    case 'delete':
      return { test, write: () => rows.remove(step.key), size: 0 };
  }
};

/** Returns the largest put that requires `absent`, if any. */
const findPutIfAbsent = (prepared: readonly Prepared[]): Prepared | undefined =>
  prepared
    .filter(({ putIfAbsent }) => putIfAbsent !== undefined)
    .reduce<Prepared | undefined>((a, b) => (a && a.size >= b.size ? a : b), undefined);

const findRefusals = (rows: ItemRows, steps: readonly Step[], now: number): FailedCondition[] =>
  steps.flatMap(({ key, when }, step) => {
    if (!when) return [];
    const current = rows.get(key, now);
    return evaluate(when.test, current) ? [] : [{ step, condition: when.name, current }];
  });

const validateSteps = (steps: readonly Step[]): void => {
  if (steps.length > maxSteps)
    throw new TypeError(`a transaction has at most ${maxSteps} steps, not ${steps.length}`);
  const items = new Set(steps.map(({ key }) => cacheKey(key.pk, key.sk)));
  if (items.size < steps.length)
    throw new TypeError('no two steps of a transaction name the same item');
};

/**
 * Builds a transaction as work for a savepoint. Guarantee: a refused transaction writes nothing. SQLite's rollback
 * restores only pages that were in use, so that rolled-back text would stay in free pages, where no erasure finds it.
 * Therefore every condition is tested before the first write; the one put that tests as it writes runs after the other
 * tests.
 */
export const transaction = (rows: ItemRows, steps: readonly Step[]) => {
  validateSteps(steps);
  const prepared = steps.map((step) => prepare(rows, step));
  const first = findPutIfAbsent(prepared);
  const others = prepared.filter((step) => step !== first);
  return (now: number): TransactResult => {
    if (!others.every(({ test }) => test(now)) || first?.putIfAbsent?.(now) === false)
      return { committed: false, refusals: findRefusals(rows, steps, now) };
    for (const { write } of others) write(now);
    return { committed: true };
  };
};
