import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';

const keyLength = 32;

const codeOf = (error: unknown): unknown =>
  error instanceof Error ? Reflect.get(error, 'code') : undefined;

const readKey = (path: string): Buffer | undefined => {
  try {
    return Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Creates the key file atomically. Of several processes the first wins, and all use its key. */
const createKey = (path: string): void => {
  const draft = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(draft, `${randomBytes(keyLength).toString('base64')}\n`, {
    mode: 0o600,
    // The key is on disk before the first secret that is encrypted with it.
    flush: true,
  });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
};

/**
 * Reads the key in a file that only this user can read; creates the file if there is none.
 *
 * @throws TerminalError secret_key_unusable
 */
export const readKeyFile = (path: string): Uint8Array => {
  try {
    if (!readKey(path)) createKey(path);
    const key = readKey(path);
    if (key?.length === keyLength) return key;
  } catch (error) {
    throw new TerminalError('secret_key_unusable', `${path} cannot be read or created.`, error);
  }
  throw new TerminalError(
    'secret_key_unusable',
    `${path} does not hold a key: restore it from a backup; webhook secrets cannot be read without it.`,
  );
};
