import { createWebhookClient } from '../../adapters/webhook-client/webhook-client.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Config } from '../config/config.ts';
import { webhookClientOptions } from '../config-to-options.ts';
import { createAwsCore } from './core.ts';
import { createSecretBox } from './secret-box.ts';

/** @throws TerminalError missing_setting */
export const createDispatcherPlatform = (config: Config): WebhookPlatform => {
  const core = createAwsCore(config);
  return {
    ...core,
    webhookClient: createWebhookClient(webhookClientOptions(config, core.clock)),
    secretBox: createSecretBox(config, core),
  };
};
