import { storeError } from './sqlite-error.ts';

/** Runs what SQLite does at once; what it throws becomes what a store throws. */
export const attempt = async <T>(work: () => T, errorOf = storeError): Promise<T> => {
  try {
    return work();
  } catch (error) {
    throw errorOf(error);
  }
};
