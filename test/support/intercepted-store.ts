import type { Key } from '../../shared/domain/table/items.ts';
import type { Step, Store } from '../../shared/ports/store.ts';

/** Call of a store; `at` is its number from 0. */
export interface StoreCall {
  at: number;
  method: 'get' | 'getMany' | 'query' | 'list' | 'due' | 'transact' | 'purge';
  /** Steps of a transaction; empty for other calls. */
  steps: readonly Step[];
  /** Keys of a get; empty for other calls. */
  keys: readonly Key[];
}

export interface Interception {
  /** Runs before the call; an error replaces the call. */
  before?: (call: StoreCall) => unknown;
  /** Runs after the call took effect; an error replaces the response. */
  after?: (call: StoreCall) => unknown;
}

/** Wraps a store so that a test acts before or after its calls, as a concurrent process does. */
export const interceptStore = (store: Store, { before, after }: Interception): Store => {
  let calls = 0;
  const around = async <T>(
    method: StoreCall['method'],
    run: () => Promise<T>,
    { steps = [], keys = [] }: Partial<Pick<StoreCall, 'steps' | 'keys'>> = {},
  ): Promise<T> => {
    const call = { at: calls++, method, steps, keys };
    await before?.(call);
    const answer = await run();
    await after?.(call);
    return answer;
  };
  return {
    ...store,
    get: (key) => around('get', () => store.get(key), { keys: [key] }),
    getMany: (keys) => around('getMany', () => store.getMany(keys), { keys }),
    query: (range) => around('query', () => store.query(range)),
    list: (range) => around('list', () => store.list(range)),
    due: (query) => around('due', () => store.due(query)),
    transact: (steps) => around('transact', () => store.transact(steps), { steps }),
    purge: (until) => around('purge', () => store.purge(until)),
  };
};

/** Writes of a transaction to items of one kind. */
export const writesOf = (steps: readonly Step[], kind: Step['key']['kind']): Step[] =>
  steps.filter(({ op, key }) => op !== 'check' && key.kind === kind);

/** Whether a transaction saves a plan, in the work item of its turn or in an item of its own. */
export const savesPlan = (steps: readonly Step[]): boolean =>
  steps.some(
    (step) => (step.op === 'update' && 'plan' in step.set) || writesOf([step], 'PLAN').length > 0,
  );
