import { createGuardedEmbedder } from '../adapters/guarded-embedder/guarded-embedder.ts';
import { createLocalEmbedder } from '../adapters/local-embedder/local-embedder.ts';
import { createLocalExtractor } from '../adapters/local-extractor/local-extractor.ts';
import type { OpenAiSettings } from '../adapters/openai/client.ts';
import { createOpenAiEmbedder } from '../adapters/openai/embedder.ts';
import {
  createObservedEmbedder,
  createObservedModel,
  tracedFetch,
} from '../adapters/otel/observed-models.ts';
import { TerminalError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Tracing } from '../ports/tracing.ts';
import { createChatModel } from './chat-model.ts';
import type { Config } from './config/config.ts';
import { embeddedModel } from './config/model-settings.ts';
import { modelKeysOf } from './model-keys.ts';

type Location = 'embedded' | 'remote';

/** Models of a process that serves requests and does the background work. */
export interface Models {
  locations: { language_model: Location; embedder: Location };
  languageModel: LanguageModel;
  embedder: Embedder;
  warm(): Promise<void>;
  close(): Promise<void>;
}

const isRemote = ({ openaiApiKey, openaiBaseUrl, secret }: Config): boolean =>
  openaiApiKey !== undefined || openaiBaseUrl !== undefined || secret !== undefined;

const embeddedEmbedder = (config: Config) => {
  const embedder = createLocalEmbedder();
  const dimension = Number(embedder.model.split('@').at(-1));
  if (config.indexKind !== 'sqlite' && config.pineconeDimension !== dimension)
    throw new TerminalError(
      'bad_setting',
      `The embedded embedder makes vectors of dimension ${dimension}: set TURNSTONE_PINECONE_DIMENSION to ${dimension} and create the index with that dimension.`,
    );
  return { location: 'embedded' as const, embedder, warm: embedder.warm, close: embedder.close };
};

const remoteEmbedder = (
  config: Config,
  apiKey: OpenAiSettings['apiKey'],
  telemetry: Telemetry,
  tracing: Tracing | undefined,
) => {
  const embedder = createOpenAiEmbedder({
    apiKey,
    baseUrl: config.openaiBaseUrl,
    model: config.embeddingModel,
    dimensions: config.indexKind !== 'sqlite' ? config.pineconeDimension : undefined,
    telemetry,
    fetch: tracing && tracedFetch(tracing),
  });
  return { location: 'remote' as const, embedder, close: async () => {} };
};

/** Embeds a word to find out the dimension of an unknown model. If the dimension differs, memories are embedded again. */
const learnDimension = async (embedder: Embedder): Promise<void> => {
  if (!embedder.model.endsWith('@auto')) return;
  await embedder.embed(['ok']).catch(() => undefined);
};

/**
 * Builds the models that the settings name: remote if a key or a server is set, otherwise embedded. A remote chat model
 * may be combined with the embedded embedder.
 * @throws TerminalError bad_setting
 */
export const createModels = (
  config: Config,
  clock: Clock,
  telemetry: Telemetry,
  tracing?: Tracing,
): Models => {
  const remote = isRemote(config);
  const apiKey =
    config.secret === undefined ? config.openaiApiKey : modelKeysOf(config, clock).openai;
  const base =
    remote && config.embeddingModel !== embeddedModel
      ? remoteEmbedder(config, apiKey, telemetry, tracing)
      : embeddedEmbedder(config);
  const guarded = createGuardedEmbedder(base.embedder, clock);
  const extractor = remote ? undefined : createLocalExtractor();
  const model = extractor ?? createChatModel(config, apiKey, tracing && tracedFetch(tracing));
  const location = remote ? 'remote' : 'embedded';
  const observers = { clock, telemetry, tracing };
  const embedder = createObservedEmbedder(guarded, base.location, observers);
  return {
    locations: { language_model: location, embedder: base.location },
    languageModel: createObservedModel(model, location, observers),
    embedder,
    async warm() {
      const embedding = 'warm' in base ? base.warm() : learnDimension(embedder);
      await Promise.all([embedding, extractor?.warm()]);
    },
    async close() {
      await Promise.all([base.close(), extractor?.close()]);
    },
  };
};
