import { openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteVectorIndex } from '../../shared/adapters/sqlite/vector-index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { describeVectorIndex } from './vector-index.contract.ts';

/** With `cacheBytes: 0` only the partition read last stays in memory. */
const harnessOn = (path: string, options: { cacheBytes?: number; threadFrom?: number } = {}) => {
  const database = openDatabase({ path });
  const index = createSqliteVectorIndex({ database, ...options });
  return { index, dimension: 5, settle: async () => {}, dispose: async () => database.close() };
};

describeVectorIndex('SQLite in memory', async () => harnessOn(':memory:'));

const harnessOnFile = (options: { cacheBytes: number; threadFrom?: number }) => {
  const folder = temporaryFolder();
  const harness = harnessOn(folder.file('turnstone.db'), options);
  return {
    ...harness,
    async dispose() {
      await harness.dispose();
      folder.remove();
    },
  };
};

describeVectorIndex('a SQLite file', async () => harnessOnFile({ cacheBytes: 0 }));

describeVectorIndex('a SQLite file whose partitions are searched in a thread', async () =>
  harnessOnFile({ cacheBytes: 0, threadFrom: 1 }),
);

describeVectorIndex('a SQLite file whose thread keeps its partitions', async () =>
  harnessOnFile({ cacheBytes: 1_000_000, threadFrom: 1 }),
);
