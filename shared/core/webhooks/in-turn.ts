import type { Store } from '../../ports/store.ts';

/** Under each name, the end of what was begun last. */
const tails = new WeakMap<Store, Map<string, Promise<void>>>();

/** Acts once whatever this process began before under the same name is over, well or not: its own acts do not collide. */
export const withKeyLock = async <T>(
  store: Store,
  name: string,
  act: () => Promise<T>,
): Promise<T> => {
  const names = tails.get(store) ?? new Map<string, Promise<void>>();
  tails.set(store, names);
  const before = names.get(name);
  const { promise: end, resolve } = Promise.withResolvers<void>();
  names.set(name, end);
  try {
    await before;
    return await act();
  } finally {
    resolve();
    if (names.get(name) === end) names.delete(name);
  }
};
