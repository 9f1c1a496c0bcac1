import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Config } from '../config/config.ts';
import { createDispatchParts } from './dispatch-parts.ts';
import { createAwsCore } from './foundation.ts';

/** @throws TerminalError missing_setting */
export const createDispatcherPlatform = (config: Config): WebhookPlatform => {
  const foundation = createAwsCore(config);
  return { ...foundation, ...createDispatchParts(config, foundation) };
};
