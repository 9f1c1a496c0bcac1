/** Runs `action` once every earlier action under the same key has ended, whether it succeeded or failed. */
export type KeyedMutex = <T>(key: string, action: () => Promise<T>) => Promise<T>;

/** Keyed mutex: serialises work of this process only. Between processes, conditions of the store decide. */
export const createKeyedMutex = (): KeyedMutex => {
  /** The end of the latest action of each key. */
  const tails = new Map<string, Promise<void>>();
  return async (key, action) => {
    const previous = tails.get(key);
    const { promise: end, resolve } = Promise.withResolvers<void>();
    tails.set(key, end);
    try {
      await previous;
      return await action();
    } finally {
      resolve();
      if (tails.get(key) === end) tails.delete(key);
    }
  };
};
