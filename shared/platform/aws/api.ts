import { createCheckedStore } from '../../core/projects/checked-store.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { FullPlatform } from '../../ports/platform.ts';
import type { Config } from '../config/config.ts';
import { modelKeysOf } from '../model-keys.ts';
import { createAwsCore } from './core.ts';
import { createWebhookParts } from './dispatcher.ts';
import { createRetrievalParts } from './retrieval-parts.ts';

const notInApi = (): TerminalError =>
  new TerminalError('model_elsewhere', 'Only the worker calls the language model.');

/** Stub of the language model. The API shows its name; only the worker calls the model. */
const unavailableModel = (name: string): LanguageModel => ({
  name,
  quality: 'model',
  batch: { turns: 0, characters: 0 },
  decide: async () => {
    throw notInApi();
  },
  probe: async () => {
    throw notInApi();
  },
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
    languageModel: unavailableModel(config.model),
  };
};
