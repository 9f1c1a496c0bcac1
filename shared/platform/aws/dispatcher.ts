import { createKmsSecretBox } from '../../adapters/kms/secret-box.ts';
import { createCachingSecretBox } from '../../adapters/secret-box/caching-secret-box.ts';
import { createWebhookClient } from '../../adapters/webhook-client/webhook-client.ts';
import type { CorePlatform, WebhookPlatform } from '../../ports/platform.ts';
import { type Config, withSettings } from '../config/config.ts';
import { webhookClientOptions } from '../config-to-options.ts';
import { createAwsCore } from './core.ts';

/**
 * Builds the parts that only webhooks need: the HTTP client for customers' URLs and the secret box.
 * @throws TerminalError missing_setting
 */
export const createWebhookParts = (
  config: Config,
  { clock }: Pick<CorePlatform, 'clock'>,
): Pick<WebhookPlatform, 'webhookClient' | 'secretBox'> => {
  const { secretKey: keyId } = withSettings(config, 'webhooks', ['secretKey']);
  return {
    webhookClient: createWebhookClient(webhookClientOptions(config, clock)),
    secretBox: createCachingSecretBox(createKmsSecretBox({ keyId }), clock),
  };
};

/** @throws TerminalError missing_setting */
export const createDispatcherPlatform = (config: Config): WebhookPlatform => {
  const core = createAwsCore(config);
  return { ...core, ...createWebhookParts(config, core) };
};
