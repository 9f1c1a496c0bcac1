import { existsSync } from 'node:fs';
import { TerminalError } from '../../domain/errors.ts';
import type { SecretBox } from '../../ports/secret-box.ts';
import { readKeyFile } from './key-file.ts';
import { createSecretBox } from './secret-box.ts';

/**
 * Seals with the key in a file. The file is made when something is sealed for the first time, and never to open
 * something: where it is lost, a new one would only hide that.
 *
 * @throws TerminalError secret_key_unusable: there is a file, but it holds no key
 */
export const createFileSecretBox = (path: string): SecretBox => {
  let known = existsSync(path) ? createSecretBox(readKeyFile(path)) : undefined;
  return {
    async seal(secret, owner) {
      known ??= createSecretBox(readKeyFile(path));
      return known.seal(secret, owner);
    },
    async open(sealed, owner) {
      if (known) return known.open(sealed, owner);
      if (!existsSync(path))
        throw new TerminalError(
          'secret_unreadable',
          `${path} is missing: restore it from a backup.`,
        );
      known = createSecretBox(readKeyFile(path));
      return known.open(sealed, owner);
    },
  };
};
