import type { Platform } from '../../ports/platform.ts';
import { createChatModel } from '../chat-model.ts';
import type { Config } from '../config/config.ts';
import { modelKeysOf } from '../model-keys.ts';
import { createAwsCore } from './foundation.ts';
import { createRecallParts } from './recall-parts.ts';

/** @throws TerminalError missing_setting */
export const createWorkerPlatform = (config: Config): Platform => {
  const foundation = createAwsCore(config);
  const keys = modelKeysOf(config, foundation.clock);
  return {
    ...foundation,
    ...createRecallParts(config, keys, foundation),
    languageModel: createChatModel(config, keys.openai),
  };
};
