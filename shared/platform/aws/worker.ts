import { createCheckedStore } from '../../core/projects/checked-store.ts';
import type { Platform } from '../../ports/platform.ts';
import { createChatModel } from '../chat-model.ts';
import type { Config } from '../config/config.ts';
import { modelKeysOf } from '../model-keys.ts';
import { createAwsCore } from './core.ts';
import { createRetrievalParts } from './retrieval-parts.ts';

/** @throws TerminalError missing_setting */
export const createWorkerPlatform = (config: Config): Platform => {
  const core = createAwsCore(config);
  const keys = modelKeysOf(config, core.clock);
  return {
    ...core,
    store: createCheckedStore(core.store),
    ...createRetrievalParts(config, keys, core),
    languageModel: createChatModel(config, keys.openai),
  };
};
