import { createDynamoDbClient } from '../adapters/dynamodb/client.ts';
import { createDynamoDbStore } from '../adapters/dynamodb/store.ts';
import { createKmsSecretBox } from '../adapters/kms/secret-box.ts';
import { createPineconeVectorIndex } from '../adapters/pinecone/vector-index.ts';
import { createS3Blobs } from '../adapters/s3/blobs.ts';
import type { Database } from '../adapters/sqlite/database.ts';
import { createSqliteStore } from '../adapters/sqlite/store.ts';
import { createSqliteVectorIndex } from '../adapters/sqlite/vector-index.ts';
import { createSqsClient } from '../adapters/sqs/client.ts';
import { createSqsConsumer } from '../adapters/sqs/consumer.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createIds } from '../adapters/system/ids.ts';
import { createWatchedIndex } from '../adapters/watched-index/watched-index.ts';
import { createCheckedStore } from '../core/projects/checked-store.ts';
import { TerminalError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { FullPlatform } from '../ports/platform.ts';
import type { Store } from '../ports/store.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import { type Config, withSettings } from './config/config.ts';
import { buildPlatform, databaseFile, openLocalDatabase, type ProcessPlatform } from './local.ts';
import { modelKeysOf } from './model-keys.ts';
import { createLazyS3VectorIndex } from './s3-vectors.ts';

type Deps = Pick<FullPlatform, 'clock' | 'ids' | 'telemetry'>;

const storeOf = (config: Config, deps: Deps, database: () => Database): Store => {
  if (config.storeKind === 'sqlite') return createSqliteStore({ ...deps, database: database() });
  const { table } = withSettings(config, 'TURNSTONE_STORE=dynamodb', ['table']);
  return createCheckedStore(
    createDynamoDbStore({ ...deps, client: createDynamoDbClient(), table }),
  );
};

/** Index on S3 Vectors, whose words are in the table: another index would not erase them there. */
const s3VectorsOf = (config: Config, store: Store, clock: Clock): VectorIndex => {
  if (config.storeKind !== 'dynamodb')
    throw new TerminalError(
      'bad_setting',
      'TURNSTONE_INDEX=s3vectors takes TURNSTONE_STORE=dynamodb.',
    );
  return createWatchedIndex(createLazyS3VectorIndex(config, store), clock);
};

const indexOf = (
  config: Config,
  deps: Deps,
  store: Store,
  database: () => Database,
): VectorIndex => {
  if (config.indexKind === 's3vectors') return s3VectorsOf(config, store, deps.clock);
  if (config.indexKind === 'sqlite')
    return createSqliteVectorIndex({
      database: database(),
      hasItems: config.storeKind === 'sqlite',
    });
  const { pineconeHost: host } = withSettings(config, 'TURNSTONE_INDEX=pinecone', ['pineconeHost']);
  const index = createPineconeVectorIndex({
    ...deps,
    apiKey: modelKeysOf(config, deps.clock).pinecone,
    host,
    dimension: config.pineconeDimension,
    buckets: config.pineconeBuckets,
  });
  return createWatchedIndex(index, deps.clock);
};

const queuesOf = (config: Config) => {
  if (config.queueKind === 'memory') return {};
  const urls = withSettings(config, 'TURNSTONE_QUEUE=sqs', [
    'turnsQueueUrl',
    'notificationsQueueUrl',
  ]);
  const client = createSqsClient();
  return {
    turns: createSqsConsumer({ client, queueUrl: urls.turnsQueueUrl }),
    notifications: createSqsConsumer({ client, queueUrl: urls.notificationsQueueUrl }),
  };
};

/** Opens the database file on first use; all parts that need the file share the connection. */
const lazyDatabase = (config: Config, { telemetry }: Deps) => {
  let database: Database | undefined;
  return {
    open(): Database {
      database ??= openLocalDatabase(databaseFile(config), telemetry);
      return database;
    },
    opened: () => database,
  };
};

/**
 * Builds the platform of a process that uses remote services for the parts that the settings name. Region, credentials
 * and endpoints come from the AWS SDK's own settings. Several such processes may share a table.
 * @throws TerminalError missing_setting
 */
export const createRemotePlatform = (
  config: Config,
  given: Pick<FullPlatform, 'telemetry' | 'tracing'>,
): ProcessPlatform => {
  const clock = systemClock;
  const deps = { ...given, clock, ids: createIds(clock) };
  const { open, opened } = lazyDatabase(config, deps);
  const { secretKey: keyId, bucket } = config;
  const store = storeOf(config, deps, open);
  const overrides = {
    ...deps,
    ...queuesOf(config),
    store,
    vectorIndex: indexOf(config, deps, store, open),
    ...(bucket === undefined ? {} : { blobs: createS3Blobs({ bucket }) }),
    ...(keyId === undefined ? {} : { secretBox: createKmsSecretBox({ keyId }) }),
  };
  const database = opened();
  return { ...buildPlatform(config, overrides, undefined), ...(database && { database }) };
};
