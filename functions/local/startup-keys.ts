import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unreadableEndpoints } from '../../shared/core/webhooks/unreadable-secrets.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { WebhookPlatform } from '../../shared/ports/platform.ts';

/**
 * Writes the first API key to a file that only this user can read.
 * @returns the path of the file
 * @throws TerminalError key_not_written
 */
export const writeFirstKey = (folder: string, key: string): string => {
  const path = join(folder, 'first-api-key');
  try {
    // An existing file would keep its permissions.
    rmSync(path, { force: true });
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
    return path;
  } catch (error) {
    throw new TerminalError(
      'key_not_written',
      `The first API key could not be written to ${path}: create another with npm run keys -- create --permissions read,write,admin.`,
      error,
    );
  }
};

/**
 * Refuses to start if webhook secrets cannot be opened, since endpoints with such secrets would look active and receive
 * nothing.
 * @param keyFile path of the file that holds the key
 * @throws TerminalError secret_key_lost
 */
export const rejectLostKey = async (platform: WebhookPlatform, keyFile: string): Promise<void> => {
  const { length } = await unreadableEndpoints(platform);
  if (length === 0) return;
  throw new TerminalError(
    'secret_key_lost',
    `The webhook secrets of ${length} endpoint${length === 1 ? '' : 's'} cannot be opened: ${keyFile} is missing or holds another key. Restore it from a backup, or create new secrets with npm run renew-secrets.`,
  );
};
