import { openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../shared/adapters/sqlite/store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { describeStore } from './store.contract.ts';

const harnessOn = (path: string) => {
  const clock = createManualClock();
  const store = createSqliteStore({ database: openDatabase({ path }), clock });
  return { store, clock, settle: async () => {} };
};

describeStore('SQLite in memory', async () => {
  const harness = harnessOn(':memory:');
  return { ...harness, dispose: () => harness.store.close() };
});

describeStore('a SQLite file', async () => {
  const folder = temporaryFolder();
  const harness = harnessOn(folder.file('turnstone.db'));
  return {
    ...harness,
    async dispose() {
      await harness.store.close();
      folder.remove();
    },
  };
});
