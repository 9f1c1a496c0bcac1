import type { Store } from '../ports/store.ts';
import type { MemoryTable } from './memory-table.ts';

/** Store over a memory table without scheduling or faults, for the contract test of stores. */
export const createMemoryStore = (table: MemoryTable): Store => ({
  get: async (key) => table.get(key),
  getMany: async (keys) => keys.map((key) => table.get(key)),
  query: async (range) => table.query(range),
  list: async (range) => table.list(range),
  due: async (query) => table.due(query),
  transact: async (steps) => table.transact(steps),
  purge: async (until) => table.purge(until),
  watch: table.watch,
  check: async () => {},
  close: async () => {},
});
