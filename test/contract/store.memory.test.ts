import { createManualClock } from '../support/manual-clock.ts';
import { createMemoryStore } from '../support/simulation/memory-store.ts';
import { createMemoryTable } from '../support/simulation/memory-table.ts';
import { describeStore } from './store.contract.ts';

const create = async () => {
  const clock = createManualClock();
  const store = createMemoryStore(createMemoryTable(clock.now));
  return { store, clock, settle: async () => {}, dispose: () => store.close() };
};
describeStore('the simulation’s table', create, false);
