import { createMemoryStore } from '../../shared/simulation/memory-store.ts';
import { createMemoryTable } from '../../shared/simulation/memory-table.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { describeStore } from './store.contract.ts';

const create = async () => {
  const clock = createManualClock();
  const store = createMemoryStore(createMemoryTable(clock.now));
  return { store, clock, settle: async () => {}, dispose: () => store.close() };
};
describeStore('the simulation’s table', create, false);
