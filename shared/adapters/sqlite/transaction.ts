import type { Item } from '../../domain/items.ts';
import type { Refusal, Step, Transacted } from '../../ports/store.ts';
import { holds } from './condition.ts';
import { nameOf } from './item-cache.ts';
import { type ItemRows, rowOf } from './item-rows.ts';

/** As many as the smallest of the stores allows. */
const maxSteps = 100;

/** Carries out a step; false when its condition does not hold. */
type Write = (now: number) => boolean;

const isAllowed = ({ when }: Step, current: Item | undefined): boolean =>
  when === undefined || holds(when.test, current);

const isAbsentTest = ({ when }: Step): boolean =>
  when !== undefined && 'is' in when.test && when.test.is === 'absent';

const putOf = (rows: ItemRows, step: Extract<Step, { op: 'put' }>): Write => {
  const row = rowOf(step.key, step.item);
  if (isAbsentTest(step)) return (now) => rows.putIfAbsent(row, now);
  return (now) => {
    const current = step.when && rows.get(step.key, now);
    if (!isAllowed(step, current)) return false;
    rows.put(row, current);
    return true;
  };
};

const updateOf = (rows: ItemRows, step: Extract<Step, { op: 'update' }>): Write => {
  const { key, remove } = step;
  const set: object = JSON.parse(JSON.stringify(step.set));
  return (now) => {
    const current = rows.get(key, now);
    if (!isAllowed(step, current)) return false;
    const item = { ...current, ...set };
    for (const attribute of remove) Reflect.deleteProperty(item, attribute);
    rows.put(rowOf(key, item as Item), current);
    return true;
  };
};

/** Takes the values of the step now: what the caller does to them later changes nothing. */
const writeOf = (rows: ItemRows, step: Step): Write => {
  switch (step.op) {
    case 'put':
      return putOf(rows, step);
    case 'update':
      return updateOf(rows, step);
    case 'check':
      return (now) => isAllowed(step, rows.get(step.key, now));
    case 'delete':
      return (now) => {
        if (!isAllowed(step, step.when && rows.get(step.key, now))) return false;
        rows.remove(step.key);
        return true;
      };
  }
};

const refusalsOf = (rows: ItemRows, steps: readonly Step[], now: number): Refusal[] =>
  steps.flatMap(({ key, when }, step) => {
    if (!when) return [];
    const current = rows.get(key, now);
    return holds(when.test, current) ? [] : [{ step, condition: when.name, current }];
  });

const validate = (steps: readonly Step[]): void => {
  if (steps.length > maxSteps)
    throw new TypeError(`a transaction has at most ${maxSteps} steps, not ${steps.length}`);
  const items = new Set(steps.map(({ key }) => nameOf(key.pk, key.sk)));
  if (items.size < steps.length)
    throw new TypeError('no two steps of a transaction name the same item');
};

/**
 * The transaction as work for a savepoint. It writes as it tests, which is one statement for most steps; a step that is
 * refused takes the others back, and then every condition is tested against what stood there before.
 */
export const transaction = (rows: ItemRows, steps: readonly Step[]) => {
  validate(steps);
  const writes = steps.map((step) => writeOf(rows, step));
  return (undo: () => void, now: number): Transacted => {
    if (writes.every((write) => write(now))) return { committed: true };
    undo();
    return { committed: false, refusals: refusalsOf(rows, steps, now) };
  };
};
