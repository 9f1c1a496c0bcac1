import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createBlobFolder } from '../adapters/blob-folder/blob-folder.ts';
import { createDocumentReader } from '../adapters/documents/document-reader.ts';
import { createMemoryBlobs } from '../adapters/memory-blobs/memory-blobs.ts';
import { createMemoryQueue } from '../adapters/memory-queue/queue.ts';
import { createCachingSecretBox } from '../adapters/secret-box/caching-secret-box.ts';
import { createFileSecretBox } from '../adapters/secret-box/file-secret-box.ts';
import { createSecretBox } from '../adapters/secret-box/secret-box.ts';
import { type Database, openDatabase } from '../adapters/sqlite/database.ts';
import { lockFolder } from '../adapters/sqlite/lock.ts';
import { createSqliteStore } from '../adapters/sqlite/store.ts';
import { createSqliteVectorIndex } from '../adapters/sqlite/vector-index.ts';
import { createBufferedWriter } from '../adapters/system/buffered-writer.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createIds } from '../adapters/system/ids.ts';
import { createJsonLogger } from '../adapters/system/json-logger.ts';
import { restrictFolder } from '../adapters/system/private-folder.ts';
import { createFileFetcher } from '../adapters/webhook-client/file-fetcher.ts';
import { createWebhookClient } from '../adapters/webhook-client/webhook-client.ts';
import { createWebhookInspector } from '../adapters/webhook-inspector/webhook-inspector.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { FullPlatform } from '../ports/platform.ts';
import type { HintConsumer } from '../ports/queue.ts';
import type { SecretBox } from '../ports/secret-box.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type Config, readConfig } from './config/config.ts';
import { fileFetcherOptions, policyOf, webhookClientOptions } from './config-to-options.ts';
import { createModels } from './models.ts';

interface Queues {
  turns: HintConsumer;
  notifications: HintConsumer;
}

type ReplaceableParts = Omit<FullPlatform, keyof Queues | 'policy'> & Queues;

/** Settings and parts to use instead of the defaults. */
export interface LocalOptions extends Partial<Config>, Partial<ReplaceableParts> {
  /** Database file to use instead of the one in `dataDir`; `:memory:` stores nothing on the disk. */
  path?: string;
}

/** Platform of a process that serves requests and does the background work, and so also receives from its queues. */
export interface ProcessPlatform extends Omit<FullPlatform, keyof Queues>, Queues {
  /** Says for each part whether it runs in this process or is called over the network. */
  parts: { [part: string]: 'embedded' | 'remote' };
  /** Set if a part stores its data in a SQLite file. */
  database?: Database;
  /** Loads the embedded models and what the index starts with; until then the first use waits for them. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

export interface LocalPlatform extends ProcessPlatform {
  database: Database;
}

/** Opens the database. Logs when another process that has the file open delays the removal of erased text from the disk. */
export const openLocalDatabase = (path: string, telemetry: Telemetry): Database =>
  openDatabase({
    path,
    onDelayed: () => telemetry.log('warn', 'erasure.delayed', { file: path }),
  });

export const databaseFile = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'turnstone.db');

/**
 * Locks the data folder for this process, which prevents a second service on the same data. Returns the function that unlocks
 * the folder; the lock ends with the process too.
 * @throws TerminalError data_in_use, data_unwritable
 */
export const lockData = (config: Pick<Config, 'dataDir'>): (() => void) =>
  lockFolder(config.dataDir, databaseFile(config));

/** Path of the key file that webhook secrets are sealed with. A backup of the database is of use only together with it. */
export const secretKeyFile = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'secret.key');

/** Folder of the bytes of attachments. */
export const attachmentsFolder = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'attachments');

const isDataFile = (name: string): boolean =>
  /^(turnstone\.(db|lock)|secret\.key|first-api-key|attachments$)/.test(name);

const writeLine = createBufferedWriter(process.stderr);

export const localTelemetry = ({ log }: Pick<Config, 'log'>, clock: Clock): Telemetry =>
  createJsonLogger(clock, log, writeLine);

/**
 * Removes the permissions of other users of this machine from the data folder and its files, since a copied folder often
 * has them. Logs which files were open to others, and which still are. Must run before any file of the folder is opened.
 */
export const closeDataFolder = (config: Pick<Config, 'dataDir' | 'log'>): void => {
  const telemetry = localTelemetry(config, systemClock);
  const folder = resolve(config.dataDir);
  if (!existsSync(folder)) return;
  const { closed, open } = restrictFolder(folder, isDataFile);
  if (closed.length > 0)
    telemetry.log('warn', 'data.closed_to_others', { files: closed.join(', ') });
  for (const file of open)
    telemetry.log('warn', 'data.open_to_others', { file, repair: `chmod go= '${file}'` });
};

/** Uses a random key for an in-memory database, and the key file otherwise. */
const secretBoxOf = (config: Config, path: string | undefined): SecretBox =>
  path === ':memory:'
    ? createSecretBox(randomBytes(32))
    : createFileSecretBox(secretKeyFile(config));

/** Keeps attachments where the database is: in memory, or in the data folder. */
const blobsOf = (config: Config, path: string | undefined): Blobs =>
  path === ':memory:' ? createMemoryBlobs() : createBlobFolder(attachmentsFolder(config));

const locationOf = (isEmbedded: boolean): 'embedded' | 'remote' =>
  isEmbedded ? 'embedded' : 'remote';

const partLocations = ({ storeKind, queueKind, indexKind }: Config) => ({
  store: locationOf(storeKind === 'sqlite'),
  queues: locationOf(queueKind === 'memory'),
  vector_index: locationOf(indexKind === 'sqlite'),
});

const tracingOf = ({ tracing }: Partial<ReplaceableParts>): Pick<FullPlatform, 'tracing'> =>
  tracing ? { tracing } : {};

/** Parts to use as they are; store and index have no default. */
type Overrides = Pick<FullPlatform, 'store' | 'vectorIndex'> & Partial<ReplaceableParts>;

/**
 * Builds a platform from `overrides`. Other parts run in this process: queues in memory, secrets sealed with a key file,
 * the models that the settings name.
 * @param path database file, or `:memory:`
 */
export const buildPlatform = (
  config: Config,
  overrides: Overrides,
  path: string | undefined,
): ProcessPlatform => {
  const clock = overrides.clock ?? systemClock;
  const telemetry = overrides.telemetry ?? localTelemetry(config, clock);
  const { tracing } = overrides;
  const models = createModels(config, clock, telemetry, tracing);
  const { client: webhookClient, inspector } = createWebhookInspector(
    overrides.webhookClient ?? createWebhookClient(webhookClientOptions(config, clock)),
    clock,
  );
  return {
    store: overrides.store,
    turns: overrides.turns ?? createMemoryQueue(clock),
    notifications: overrides.notifications ?? createMemoryQueue(clock),
    vectorIndex: overrides.vectorIndex,
    languageModel: overrides.languageModel ?? models.languageModel,
    embedder: overrides.embedder ?? models.embedder,
    blobs: overrides.blobs ?? blobsOf(config, path),
    fileFetcher: overrides.fileFetcher ?? createFileFetcher(fileFetcherOptions(config)),
    documentReader: overrides.documentReader ?? createDocumentReader(),
    telemetry,
    ...tracingOf(overrides),
    clock,
    ids: overrides.ids ?? createIds(clock),
    webhookClient,
    inspector,
    secretBox: createCachingSecretBox(overrides.secretBox ?? secretBoxOf(config, path), clock),
    policy: policyOf(config),
    caches: { recordedEntities: new Set(), entryVectors: new Map() },
    parts: { ...partLocations(config), ...models.locations },
    async warm() {
      await Promise.all([models.warm(), overrides.vectorIndex.warm?.()]);
    },
    async close() {
      await webhookClient.close();
      await Promise.all([models.close(), tracing?.close()]);
      await overrides.store.close();
    },
  };
};

/**
 * Builds the whole platform in one process, on one SQLite file.
 * @throws TerminalError when the data folder cannot be used
 */
export const createLocalPlatform = (options: LocalOptions): LocalPlatform => {
  const config: Config = { ...readConfig({}), log: 'silent', ...options };
  const clock = options.clock ?? systemClock;
  const telemetry = options.telemetry ?? localTelemetry(config, clock);
  const database = openLocalDatabase(options.path ?? databaseFile(config), telemetry);
  const overrides = {
    ...options,
    clock,
    telemetry,
    store: options.store ?? createSqliteStore({ database, clock }),
    vectorIndex:
      options.vectorIndex ?? createSqliteVectorIndex({ database, hasItems: !options.store }),
  };
  return { ...buildPlatform(config, overrides, options.path), database };
};
