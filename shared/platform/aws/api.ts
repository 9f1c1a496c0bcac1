import type { ModelKeys } from '../../adapters/secrets-manager/model-keys.ts';
import { createCheckedStore } from '../../core/projects/checked-store.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { FullPlatform } from '../../ports/platform.ts';
import type { WebhookClient } from '../../ports/webhook-client.ts';
import type { Config } from '../config/config.ts';
import { webhookClientOptions } from '../config-to-options.ts';
import { modelKeysOf } from '../model-keys.ts';
import { createAwsBlobs } from './blobs.ts';
import { createAwsCore } from './core.ts';
import { createRetrievalParts } from './retrieval-parts.ts';
import { createSecretBox } from './secret-box.ts';

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

/** The HTTP client for webhooks, whose code is loaded on first use: only changes of endpoints ask it, whether a URL is allowed. */
const lazyWebhookClient = (config: Config, clock: Clock): WebhookClient => {
  let loaded: Promise<WebhookClient> | undefined;
  const load = async (): Promise<WebhookClient> => {
    const { createWebhookClient } = await import('../../adapters/webhook-client/webhook-client.ts');
    return createWebhookClient(webhookClientOptions(config, clock));
  };
  const client = (): Promise<WebhookClient> => {
    loaded ??= load();
    return loaded;
  };
  return {
    check: async (url) => (await client()).check(url),
    post: async (request) => (await client()).post(request),
    close: async () => (await loaded)?.close(),
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
    webhookClient: lazyWebhookClient(config, core.clock),
    secretBox: createSecretBox(config, core),
    languageModel: lazyModel(config, keys.openai),
    blobs: createAwsBlobs(config),
    fileFetcher: { fetch: notInApi },
    documentReader: { read: notInApi },
  };
};
