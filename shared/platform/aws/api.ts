import { TerminalError } from '../../domain/errors.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { FullPlatform } from '../../ports/platform.ts';
import type { Config } from '../config/config.ts';
import { modelKeysOf } from '../model-keys.ts';
import { createDispatchParts } from './dispatch-parts.ts';
import { createAwsCore } from './foundation.ts';
import { createRecallParts } from './recall-parts.ts';

const elsewhere = (): TerminalError =>
  new TerminalError('model_elsewhere', 'Only the worker asks the language model.');

/** The model as the API knows it: by name. Only the worker asks it. */
const unavailableModel = (name: string): LanguageModel => ({
  name,
  quality: 'model',
  batch: { turns: 0, characters: 0 },
  decide: async () => {
    throw elsewhere();
  },
  probe: async () => {
    throw elsewhere();
  },
});

/** @throws TerminalError missing_setting */
export const createApiPlatform = (config: Config): FullPlatform => {
  const foundation = createAwsCore(config);
  const keys = modelKeysOf(config, foundation.clock);
  return {
    ...foundation,
    ...createRecallParts(config, keys, foundation),
    ...createDispatchParts(config, foundation),
    languageModel: unavailableModel(config.model),
  };
};
