import type { Database } from './database.ts';
import { storeError } from './sqlite-error.ts';

/** Runs what SQLite does at once, in its share of the event loop; what it throws becomes what a store throws. */
export const withStoreErrors = async <T>(
  { run }: Pick<Database, 'run'>,
  work: () => T,
  errorOf = storeError,
): Promise<T> => {
  try {
    return await run(work);
  } catch (error) {
    throw errorOf(error);
  }
};
