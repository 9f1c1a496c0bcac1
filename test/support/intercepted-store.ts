import type { Step, Store } from '../../shared/ports/store.ts';

/** One call of a store; `at` counts from 0 in the order the calls were made. */
export interface StoreCall {
  at: number;
  method: 'get' | 'getMany' | 'query' | 'list' | 'due' | 'transact' | 'purge';
  /** Of a transaction. */
  steps: readonly Step[];
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
  const around =
    <A, T>(method: StoreCall['method'], run: (argument: A) => Promise<T>) =>
    async (argument: A): Promise<T> => {
      const steps = method === 'transact' ? (argument as readonly Step[]) : [];
      const call = { at: calls++, method, steps };
      await before?.(call);
      const answer = await run(argument);
      await after?.(call);
      return answer;
    };
  return {
    ...store,
    get: (key) => around('get', store.get<typeof key.kind>)(key),
    getMany: (keys) => around('getMany', store.getMany)(keys) as ReturnType<typeof store.getMany>,
    query: around('query', store.query) as Store['query'],
    list: around('list', store.list) as Store['list'],
    due: around('due', store.due),
    transact: around('transact', store.transact),
    purge: around('purge', store.purge),
  };
};

/** What a transaction writes of this kind. */
export const writesOf = (steps: readonly Step[], kind: Step['key']['kind']): Step[] =>
  steps.filter(({ op, key }) => op !== 'check' && key.kind === kind);
