import { indexNames, nonFilterableKeys } from '../../shared/adapters/s3vectors/layout.ts';
import { createS3VectorIndex } from '../../shared/adapters/s3vectors/vector-index.ts';
import { openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../shared/adapters/sqlite/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import type { Store } from '../../shared/ports/store.ts';
import { type S3VectorsServerOptions, startS3VectorsServer } from './s3vectors-server/server.ts';

/** Opens the adapter with the real SDK, a fake server on loopback, and a store in memory. */
export const openS3VectorIndex = async ({
  indexes = 4,
  dimension = 5,
  bucket = 'vectors',
  attempts = 1,
  ...server
}: Partial<Omit<S3VectorsServerOptions, 'indexes'>> & {
  indexes?: number;
  dimension?: number;
  /** Attempts of a request. */
  attempts?: number;
} = {}) => {
  const started = await startS3VectorsServer({
    bucket,
    indexes: {
      names: indexNames({ indexes, dimension }),
      shape: { dimension, nonFilterable: nonFilterableKeys },
    },
    ...server,
  });
  const database = openDatabase({ path: ':memory:' });
  const store = createSqliteStore({ database, clock: systemClock });
  /** The index with its words in a store. */
  const indexOn = (words: Store) =>
    createS3VectorIndex({
      bucket,
      indexes,
      dimension,
      store: words,
      client: {
        endpoint: started.url,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
        maxAttempts: attempts,
      },
    });
  return {
    server: started,
    store,
    indexOn,
    index: indexOn(store),
    dimension,
    async close() {
      database.close();
      await started.close();
    },
  };
};
