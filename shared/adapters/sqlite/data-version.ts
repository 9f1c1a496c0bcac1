import type { Database } from './database.ts';

/** Tells, at each call, whether another process has written to the file since the call before. */
export const watchDataVersion = (database: Pick<Database, 'prepare'>): (() => boolean) => {
  const select = database.prepare('PRAGMA data_version');
  let seen: unknown;
  return () => {
    const version = select.get()?.['data_version'];
    const isNew = version !== seen;
    seen = version;
    return isNew;
  };
};

/**
 * Of the calls between two turns to the outside only the first one looks: nothing that anyone else did can have been
 * heard of in between.
 */
export const oncePerTick = (look: () => boolean): (() => boolean) => {
  let hasLooked = false;
  return () => {
    if (hasLooked) return false;
    hasLooked = true;
    process.nextTick(() => {
      hasLooked = false;
    });
    return look();
  };
};
