import { createGuardedEmbedder } from '../adapters/guarded-embedder/guarded-embedder.ts';
import { createLocalEmbedder } from '../adapters/local-embedder/local-embedder.ts';
import { createLocalExtractor } from '../adapters/local-extractor/local-extractor.ts';
import type { OpenAiSettings } from '../adapters/openai/client.ts';
import { createOpenAiEmbedder } from '../adapters/openai/embedder.ts';
import { TerminalError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { createChatModel } from './chat-model.ts';
import type { Config } from './config/config.ts';
import { embeddedModel } from './config/model-settings.ts';
import { modelKeysOf } from './config-to-options.ts';

type Place = 'embedded' | 'remote';

/** The models of a process of its own. */
export interface Models {
  places: { language_model: Place; embedder: Place };
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
  if (config.indexKind === 'pinecone' && config.pineconeDimension !== dimension)
    throw new TerminalError(
      'bad_setting',
      `The embedded embedder makes vectors of dimension ${dimension}: set TURNSTONE_PINECONE_DIMENSION to that, and make the index with it.`,
    );
  return { place: 'embedded' as const, embedder, warm: embedder.warm, close: embedder.close };
};

const remoteEmbedder = (config: Config, apiKey: OpenAiSettings['apiKey'], telemetry: Telemetry) => {
  const embedder = createOpenAiEmbedder({
    apiKey,
    baseUrl: config.openaiBaseUrl,
    model: config.embeddingModel,
    dimensions: config.indexKind === 'pinecone' ? config.pineconeDimension : undefined,
    telemetry,
  });
  return { place: 'remote' as const, embedder, close: async () => {} };
};

/** Learns the dimension of an unknown model, and with it whether memories are to be embedded again. */
const learnDimension = async (embedder: Embedder): Promise<void> => {
  if (!embedder.model.endsWith('@auto')) return;
  await embedder.embed(['ok']).catch(() => undefined);
};

/**
 * The models of the settings: remote where a key or a server is set, else embedded. A remote chat model goes with the
 * embedded embedder where the settings say so.
 * @throws TerminalError bad_setting
 */
export const createModels = (config: Config, clock: Clock, telemetry: Telemetry): Models => {
  const remote = isRemote(config);
  const apiKey =
    config.secret === undefined ? config.openaiApiKey : modelKeysOf(config, clock).openai;
  const made =
    remote && config.embeddingModel !== embeddedModel
      ? remoteEmbedder(config, apiKey, telemetry)
      : embeddedEmbedder(config);
  const embedder = createGuardedEmbedder(made.embedder, clock);
  const extractor = remote ? undefined : createLocalExtractor();
  return {
    places: { language_model: remote ? 'remote' : 'embedded', embedder: made.place },
    languageModel: extractor ?? createChatModel(config, apiKey),
    embedder,
    async warm() {
      const embedding = 'warm' in made ? made.warm() : learnDimension(embedder);
      await Promise.all([embedding, extractor?.warm()]);
    },
    async close() {
      await Promise.all([made.close(), extractor?.close()]);
    },
  };
};
