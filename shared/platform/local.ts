import { join } from 'node:path';
import { createLocalEmbedder } from '../adapters/local-embedder/local-embedder.ts';
import { createLocalExtractor } from '../adapters/local-extractor/local-extractor.ts';
import { createMemoryQueue, type MemoryQueue } from '../adapters/memory-queue/queue.ts';
import { createOpenAiEmbedder } from '../adapters/openai/embedder.ts';
import { createOpenAiLanguageModel } from '../adapters/openai/language-model.ts';
import { type Database, openDatabase } from '../adapters/sqlite/database.ts';
import { createSqliteStore } from '../adapters/sqlite/store.ts';
import { createSqliteVectorIndex } from '../adapters/sqlite/vector-index.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createIds } from '../adapters/system/ids.ts';
import { createJsonLines } from '../adapters/system/json-lines.ts';
import type { Platform } from '../ports/platform.ts';
import { type Config, readConfig } from './config.ts';

type Replaceable = Omit<Platform, 'turns' | 'notifications' | 'policy' | 'store'>;

/** Settings and parts that differ from the defaults. */
export interface LocalOptions extends Partial<Config>, Partial<Replaceable> {
  /** The database file instead of the one in `dataDir`; `:memory:` keeps nothing. */
  path?: string;
}

export interface LocalPlatform extends Platform {
  turns: MemoryQueue;
  notifications: MemoryQueue;
  database: Database;
  /** What runs in this process and what is called over the network. */
  parts: { [part: string]: 'embedded' | 'remote' };
  /** Loads the embedded models; until then the first use waits for them. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

export const databaseFile = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'turnstone.db');

const modelsOf = (config: Config) => {
  if (config.openaiApiKey === undefined && config.openaiBaseUrl === undefined) {
    const embedder = createLocalEmbedder();
    const languageModel = createLocalExtractor();
    return {
      place: 'embedded' as const,
      embedder,
      languageModel,
      warm: async () => void (await Promise.all([embedder.warm(), languageModel.warm()])),
      close: () => embedder.close(),
    };
  }
  const server = { apiKey: config.openaiApiKey, baseUrl: config.openaiBaseUrl };
  return {
    place: 'remote' as const,
    embedder: createOpenAiEmbedder({ ...server, model: config.embeddingModel }),
    languageModel: createOpenAiLanguageModel({ ...server, model: config.model }),
    warm: async () => {},
    close: async () => {},
  };
};

/**
 * The whole platform in one process, on one SQLite file.
 * @throws TerminalError when the data folder cannot be used
 */
export const createLocalPlatform = (options: LocalOptions): LocalPlatform => {
  const config: Config = { ...readConfig({}), log: 'silent', ...options };
  const clock = options.clock ?? systemClock;
  const database = openDatabase({ path: options.path ?? databaseFile(config) });
  const store = createSqliteStore({ database, clock });
  const models = modelsOf(config);
  return {
    database,
    store,
    turns: createMemoryQueue(clock),
    notifications: createMemoryQueue(clock),
    vectorIndex: options.vectorIndex ?? createSqliteVectorIndex({ database }),
    languageModel: options.languageModel ?? models.languageModel,
    embedder: options.embedder ?? models.embedder,
    telemetry:
      options.telemetry ??
      createJsonLines(clock, config.log, (line) => void process.stderr.write(line)),
    clock,
    ids: options.ids ?? createIds(clock),
    policy: {
      refineSchedule: config.refineSchedule,
      retainEventsDays: config.retainEventsDays,
      retainTurnsDays: config.retainTurnsDays,
    },
    parts: {
      store: 'embedded',
      queues: 'embedded',
      vector_index: 'embedded',
      language_model: models.place,
      embedder: models.place,
    },
    warm: models.warm,
    async close() {
      await models.close();
      await store.close();
    },
  };
};
