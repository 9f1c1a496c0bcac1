import { createKmsSecretBox } from '../../adapters/kms/secret-box.ts';
import { createCachingSecretBox } from '../../adapters/secret-box/caching-secret-box.ts';
import type { CorePlatform, WebhookPlatform } from '../../ports/platform.ts';
import { type Config, withSettings } from '../config/config.ts';

/** @throws TerminalError missing_setting */
export const createSecretBox = (
  config: Config,
  { clock }: Pick<CorePlatform, 'clock'>,
): WebhookPlatform['secretBox'] => {
  const { secretKey: keyId } = withSettings(config, 'webhooks', ['secretKey']);
  return createCachingSecretBox(createKmsSecretBox({ keyId }), clock);
};
