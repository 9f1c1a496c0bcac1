import { unreadableEndpoints } from '../../shared/core/endpoints/unreadable-secrets.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { Config } from '../../shared/platform/config.ts';
import { secretKeyFile } from '../../shared/platform/local.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';

/**
 * Refuses to start where webhook secrets cannot be opened: their endpoints would look active and get nothing.
 * @throws TerminalError secret_key_lost
 */
export const refuseLostKey = async (config: Config, platform: FullPlatform): Promise<void> => {
  if (config.secretKey !== undefined) return;
  const { length } = await unreadableEndpoints(platform);
  if (length === 0) return;
  throw new TerminalError(
    'secret_key_lost',
    `The webhook secrets of ${length} endpoint${length === 1 ? '' : 's'} cannot be opened with ${secretKeyFile(config)}, which is missing or another one: restore it from a backup, or make new secrets with npm run renew-secrets.`,
  );
};
