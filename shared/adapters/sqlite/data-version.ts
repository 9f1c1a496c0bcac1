import type { Database } from './database.ts';

/** Returns a function that reports whether another process has committed to the file since its previous call. */
export const watchDataVersion = (database: Pick<Database, 'prepare'>): (() => boolean) => {
  const select = database.prepare('PRAGMA data_version');
  let lastVersion: unknown;
  return () => {
    const version = select.get()?.['data_version'];
    const isChanged = version !== lastVersion;
    lastVersion = version;
    return isChanged;
  };
};

/**
 * Limits `check` to one call per tick and returns false for the rest of the tick. Within a tick this process receives
 * no message, so that no caller can know of a commit that the first call missed.
 */
export const oncePerTick = (check: () => boolean): (() => boolean) => {
  let isChecked = false;
  return () => {
    if (isChecked) return false;
    isChecked = true;
    process.nextTick(() => {
      isChecked = false;
    });
    return check();
  };
};
