import type { ModelKeys } from '../../adapters/secrets-manager/model-keys.ts';
import { createCheckedStore } from '../../core/projects/checked-store.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { FullPlatform } from '../../ports/platform.ts';
import type { Config } from '../config/config.ts';
import { modelKeysOf } from '../model-keys.ts';
import { createAwsBlobs } from './blobs.ts';
import { createAwsCore } from './core.ts';
import { createWebhookParts } from './dispatcher.ts';
import { createRetrievalParts } from './retrieval-parts.ts';

const notInApi = async (): Promise<never> => {
  throw new TerminalError('worker_only', 'Only the worker reads attachments.');
};

/** The language model, whose code is loaded on first use: few requests of the API ask it. */
const lazyModel = (config: Config, apiKey: ModelKeys['openai']): LanguageModel => {
  let loaded: Promise<LanguageModel> | undefined;
  const load = async (): Promise<LanguageModel> => {
    const { createChatModel } = await import('../chat-model.ts');
    return createChatModel(config, apiKey);
  };
  const model = (): Promise<LanguageModel> => {
    loaded ??= load();
    return loaded;
  };
  return {
    name: config.model,
    quality: 'model',
    batch: { turns: 1, characters: 32_000 },
    decide: async (request, signal) => (await model()).decide(request, signal),
    async fill(request, signal) {
      const { fill } = await model();
      return fill ? fill(request, signal) : notInApi();
    },
    async chat(request, signal, onText) {
      const { chat } = await model();
      return chat ? chat(request, signal, onText) : notInApi();
    },
    probe: async (signal) => (await model()).probe(signal),
  };
};

/** @throws TerminalError missing_setting */
export const createApiPlatform = (config: Config): FullPlatform => {
  const core = createAwsCore(config);
  const keys = modelKeysOf(config, core.clock);
  return {
    ...core,
    store: createCheckedStore(core.store),
    ...createRetrievalParts(config, keys, core),
    ...createWebhookParts(config, core),
    languageModel: lazyModel(config, keys.openai),
    blobs: createAwsBlobs(config),
    fileFetcher: { fetch: notInApi },
    documentReader: { read: notInApi },
  };
};
