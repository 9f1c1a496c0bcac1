import { unreadableEndpoints } from '../../shared/core/webhooks/unreadable-secrets.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { WebhookPlatform } from '../../shared/ports/platform.ts';

/**
 * Refuses to start where webhook secrets cannot be opened: their endpoints would look active and get nothing.
 * @param keyFile path of the file that holds the key
 * @throws TerminalError secret_key_lost
 */
export const refuseLostKey = async (platform: WebhookPlatform, keyFile: string): Promise<void> => {
  const { length } = await unreadableEndpoints(platform);
  if (length === 0) return;
  throw new TerminalError(
    'secret_key_lost',
    `The webhook secrets of ${length} endpoint${length === 1 ? '' : 's'} cannot be opened with ${keyFile}, which is missing or another one: restore it from a backup, or make new secrets with npm run renew-secrets.`,
  );
};
