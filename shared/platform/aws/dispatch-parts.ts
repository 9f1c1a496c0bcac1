import { createKmsSecretBox } from '../../adapters/kms/secret-box.ts';
import { createWebhookClient } from '../../adapters/webhook-client/webhook-client.ts';
import type { CorePlatform, WebhookPlatform } from '../../ports/platform.ts';
import { type Config, withSettings } from '../config/config.ts';
import { outboundOptionsOf } from '../outbound-options.ts';

/** What calling customers takes besides the table and the queues. */
export const createDispatchParts = (
  config: Config,
  { clock }: Pick<CorePlatform, 'clock'>,
): Pick<WebhookPlatform, 'outbound' | 'secretBox'> => {
  const { secretKey: keyId } = withSettings(config, 'webhooks', ['secretKey']);
  return {
    outbound: createWebhookClient(outboundOptionsOf(config, clock)),
    secretBox: createKmsSecretBox({ keyId, clock }),
  };
};
