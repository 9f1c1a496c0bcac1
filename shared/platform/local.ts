import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createMemoryQueue } from '../adapters/memory-queue/queue.ts';
import { createCachingSecretBox } from '../adapters/secret-box/caching-secret-box.ts';
import { createFileSecretBox } from '../adapters/secret-box/file-secret-box.ts';
import { createSecretBox } from '../adapters/secret-box/secret-box.ts';
import { type Database, openDatabase } from '../adapters/sqlite/database.ts';
import { createSqliteStore } from '../adapters/sqlite/store.ts';
import { createSqliteVectorIndex } from '../adapters/sqlite/vector-index.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createIds } from '../adapters/system/ids.ts';
import { createJsonLogger } from '../adapters/system/json-lines.ts';
import { createLineWriter } from '../adapters/system/line-writer.ts';
import { createOutbound } from '../adapters/webhook-client/outbound.ts';
import type { Clock } from '../ports/clock.ts';
import type { FullPlatform } from '../ports/platform.ts';
import type { HintConsumer } from '../ports/queue.ts';
import type { SecretBox } from '../ports/secret-box.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type Config, readConfig } from './config/config.ts';
import { createModels } from './models.ts';
import { outboundOptionsOf } from './outbound-options.ts';
import { policyOf } from './policy.ts';

interface Queues {
  turns: HintConsumer;
  notifications: HintConsumer;
}

type Replaceable = Omit<FullPlatform, keyof Queues | 'policy'> & Queues;

/** Settings and parts that differ from the defaults. */
export interface LocalOptions extends Partial<Config>, Partial<Replaceable> {
  /** The database file instead of the one in `dataDir`; `:memory:` keeps nothing. */
  path?: string;
}

/** A platform whose hints this process takes itself. */
export interface ProcessPlatform extends Omit<FullPlatform, keyof Queues>, Queues {
  /** What runs in this process and what is called over the network. */
  parts: { [part: string]: 'embedded' | 'remote' };
  /** Where something is kept in a file. */
  database?: Database;
  /** Loads the embedded models; until then the first use waits for them. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

export interface LocalPlatform extends ProcessPlatform {
  database: Database;
}

/** The file of the settings, opened. What is erased but held on the disk by another process is logged. */
export const openLocalDatabase = (path: string, telemetry: Telemetry): Database =>
  openDatabase({
    path,
    onHeldUp: () => telemetry.log('warn', 'erasure.held_up', { file: path }),
  });

export const databaseFile = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'turnstone.db');

/** Holds the key that webhook secrets are sealed with: a copy of the database is restored together with it. */
export const secretKeyFile = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'secret.key');

const writeLine = createLineWriter(process.stderr);

export const localTelemetry = ({ log }: Pick<Config, 'log'>, clock: Clock): Telemetry =>
  createJsonLogger(clock, log, writeLine);

/** With a database that keeps nothing, a key that is not kept either. */
const secretBoxOf = (config: Config, path: string | undefined): SecretBox =>
  path === ':memory:'
    ? createSecretBox(randomBytes(32))
    : createFileSecretBox(secretKeyFile(config));

const placeOf = (isEmbedded: boolean): 'embedded' | 'remote' =>
  isEmbedded ? 'embedded' : 'remote';

const partLocations = ({ storeKind, queueKind, indexKind }: Config) => ({
  store: placeOf(storeKind === 'sqlite'),
  queues: placeOf(queueKind === 'memory'),
  vector_index: placeOf(indexKind === 'sqlite'),
});

/** What is kept, and where: the parts that a file on this machine or services elsewhere can stand for. */
type Overrides = Pick<FullPlatform, 'store' | 'vectorIndex'> & Partial<Replaceable>;

/** The parts given, and for the rest what needs nothing but this process and the models of the settings. */
export const assemblePlatform = (
  config: Config,
  overrides: Overrides,
  path: string | undefined,
): ProcessPlatform => {
  const clock = overrides.clock ?? systemClock;
  const telemetry = overrides.telemetry ?? localTelemetry(config, clock);
  const models = createModels(config, clock, telemetry);
  const outbound = overrides.outbound ?? createOutbound(outboundOptionsOf(config, clock));
  return {
    store: overrides.store,
    turns: overrides.turns ?? createMemoryQueue(clock),
    notifications: overrides.notifications ?? createMemoryQueue(clock),
    vectorIndex: overrides.vectorIndex,
    languageModel: overrides.languageModel ?? models.languageModel,
    embedder: overrides.embedder ?? models.embedder,
    telemetry,
    clock,
    ids: overrides.ids ?? createIds(clock),
    outbound,
    secretBox: createCachingSecretBox(overrides.secretBox ?? secretBoxOf(config, path), clock),
    policy: policyOf(config),
    parts: { ...partLocations(config), ...models.places },
    warm: models.warm,
    async close() {
      await outbound.close();
      await models.close();
      await overrides.store.close();
    },
  };
};

/**
 * The whole platform in one process, on one SQLite file.
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
    vectorIndex: options.vectorIndex ?? createSqliteVectorIndex({ database }),
  };
  return { ...assemblePlatform(config, overrides, options.path), database };
};
