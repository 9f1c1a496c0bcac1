import { existsSync } from 'node:fs';
import { TerminalError } from '../../domain/errors.ts';
import type { SecretBox } from '../../ports/secret-box.ts';
import { readKeyFile } from './key-file.ts';
import { createSecretBox } from './secret-box.ts';

/**
 * Creates a secret box that encrypts with the key in a file. The file is created by the first `seal`, and never by
 * `open`: a new key could decrypt nothing and would hide the loss of the old one.
 *
 * @throws TerminalError secret_key_unusable: the file exists, but holds no key
 */
export const createFileSecretBox = (path: string): SecretBox => {
  let box = existsSync(path) ? createSecretBox(readKeyFile(path)) : undefined;
  return {
    async seal(secret, owner) {
      box ??= createSecretBox(readKeyFile(path));
      return box.seal(secret, owner);
    },
    async open(sealed, owner) {
      if (box) return box.open(sealed, owner);
      if (!existsSync(path))
        throw new TerminalError(
          'secret_unreadable',
          `${path} is missing: restore it from a backup.`,
        );
      box = createSecretBox(readKeyFile(path));
      return box.open(sealed, owner);
    },
  };
};
