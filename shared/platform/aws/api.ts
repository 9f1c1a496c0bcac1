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
  throw new TerminalError('worker_only', 'Only the worker refines turns and reads attachments.');
};

/** Language model of the API: only the worker refines turns, the API merely makes summaries. The client is loaded for the first one. */
const summarizingModel = (config: Config, apiKey: ModelKeys['openai']): LanguageModel => ({
  name: config.model,
  quality: 'model',
  batch: { turns: 0, characters: 0 },
  decide: notInApi,
  async fill(request, signal) {
    const { createChatModel } = await import('../chat-model.ts');
    const { fill } = createChatModel(config, apiKey);
    return fill ? fill(request, signal) : notInApi();
  },
  probe: notInApi,
});

/** @throws TerminalError missing_setting */
export const createApiPlatform = (config: Config): FullPlatform => {
  const core = createAwsCore(config);
  const keys = modelKeysOf(config, core.clock);
  return {
    ...core,
    store: createCheckedStore(core.store),
    ...createRetrievalParts(config, keys, core),
    ...createWebhookParts(config, core),
    languageModel: summarizingModel(config, keys.openai),
    blobs: createAwsBlobs(config),
    fileFetcher: { fetch: notInApi },
    documentReader: { read: notInApi },
  };
};
