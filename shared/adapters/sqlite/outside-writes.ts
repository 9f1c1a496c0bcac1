import type { Database } from './database.ts';

/** Tells, at each call, whether another process has written to the file since the call before. */
export const watchOutsideWrites = (database: Pick<Database, 'prepare'>): (() => boolean) => {
  const select = database.prepare('PRAGMA data_version');
  let seen: unknown;
  return () => {
    const version = select.get()?.['data_version'];
    const isNew = version !== seen;
    seen = version;
    return isNew;
  };
};
