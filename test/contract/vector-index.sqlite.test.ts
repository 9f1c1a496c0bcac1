import { openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteVectorIndex } from '../../shared/adapters/sqlite/vector-index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { describeVectorIndex } from './vector-index.contract.ts';

/** With `cacheBytes: 0` only the partition read last stays in memory. */
const harnessOn = (path: string, cacheBytes?: number) => {
  const database = openDatabase({ path });
  const index = createSqliteVectorIndex({
    database,
    ...(cacheBytes !== undefined && { cacheBytes }),
  });
  return { index, dimension: 5, settle: async () => {}, dispose: async () => database.close() };
};

describeVectorIndex('SQLite in memory', async () => harnessOn(':memory:'));

describeVectorIndex('a SQLite file', async () => {
  const folder = temporaryFolder();
  const harness = harnessOn(folder.file('turnstone.db'), 0);
  return {
    ...harness,
    async dispose() {
      await harness.dispose();
      folder.remove();
    },
  };
});
