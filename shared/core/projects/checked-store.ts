import { dataFormat, rejectOtherFormat } from '../../domain/table/format.ts';
import { settingKey } from '../../domain/table/keys.ts';
import type { Condition, Store } from '../../ports/store.ts';
import { put } from '../steps.ts';

const formatSetting = settingKey('format');
/** Written by the first start on a table: a table that has it but no format is of an older one. */
const anyStartSetting = settingKey('default-project');
/** Format of tables in which no format was written. */
const formerFormat = 3;

/** Fails when another process wrote the format first, which is the same one. */
const formatIsNew: Condition = { name: 'formatIsNew', test: { is: 'absent' } };

const checkFormat = async (store: Store): Promise<void> => {
  const [format, started] = await store.getMany([formatSetting, anyStartSetting]);
  if (!format && !started) {
    const written = { value: String(dataFormat) };
    await store.transact([put(formatSetting, written, formatIsNew)]);
    return;
  }
  const found = format ? Number(format.value) : formerFormat;
  rejectOtherFormat(found, 'The table', 'use a new table, or that version on this one');
};

/**
 * Wraps the store of a table so that nothing is read or written before its format was found to be that of this version. The check
 * costs one read for each process. A failed check is repeated by the next call.
 * @throws TerminalError data_newer, data_older, from every method
 */
export const createCheckedStore = (store: Store): Store => {
  let checked: Promise<void> | undefined;
  const check = (): Promise<void> => {
    checked ??= checkFormat(store).catch((error: unknown) => {
      checked = undefined;
      throw error;
    });
    return checked;
  };
  return {
    ...store,
    get: async (key) => {
      await check();
      return store.get(key);
    },
    getMany: async (keys) => {
      await check();
      return store.getMany(keys);
    },
    query: async (range) => {
      await check();
      return store.query(range);
    },
    transact: async (steps) => {
      await check();
      return store.transact(steps);
    },
    list: async (range) => {
      await check();
      return store.list(range);
    },
    due: async (query) => {
      await check();
      return store.due(query);
    },
  };
};
