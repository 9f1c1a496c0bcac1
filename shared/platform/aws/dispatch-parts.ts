import { createKmsSecretBox } from '../../adapters/kms/secret-box.ts';
import { createCachingSecretBox } from '../../adapters/secret-box/caching-secret-box.ts';
import { createOutbound } from '../../adapters/webhook-client/outbound.ts';
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
    outbound: createOutbound(outboundOptionsOf(config, clock)),
    secretBox: createCachingSecretBox(createKmsSecretBox({ keyId }), clock),
  };
};
