import type { Key } from '../../shared/domain/table/items.ts';
import type { Step, Store } from '../../shared/ports/store.ts';

/** One call of a store; `at` counts from 0 in the order the calls were made. */
export interface StoreCall {
  at: number;
  method: 'get' | 'getMany' | 'query' | 'list' | 'due' | 'transact' | 'purge';
  /** Of a transaction. */
  steps: readonly Step[];
  /** What a get asks for. */
  keys: readonly Key[];
}

export interface Interception {
  /** Something that happens first; a throw takes the place of the call. */
  before?: (call: StoreCall) => unknown;
  /** Something that happens before the answer arrives; a throw takes the place of the answer. */
  after?: (call: StoreCall) => unknown;
}

/** The same store, with others acting between the calls that are made of it. */
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

/** What a transaction writes of this kind. */
export const writesOf = (steps: readonly Step[], kind: Step['key']['kind']): Step[] =>
  steps.filter(({ op, key }) => op !== 'check' && key.kind === kind);
