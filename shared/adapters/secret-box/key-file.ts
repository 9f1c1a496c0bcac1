import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';

const keyLength = 32;

const codeOf = (error: unknown): unknown =>
  error instanceof Error ? Reflect.get(error, 'code') : undefined;

const read = (path: string): Buffer | undefined => {
  try {
    return Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Whole or not at all; whoever made it first wins. */
const make = (path: string): void => {
  const draft = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(draft, `${randomBytes(keyLength).toString('base64')}\n`, {
    mode: 0o600,
    // On disk before anything that is sealed with it.
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
 * The key kept in a file, for this user alone; made when there is none.
 * @throws TerminalError secret_key_unusable
 */
export const readKeyFile = (path: string): Uint8Array => {
  try {
    if (!read(path)) make(path);
    const key = read(path);
    if (key?.length === keyLength) return key;
  } catch (error) {
    throw new TerminalError('secret_key_unusable', `${path} cannot be read or made.`, error);
  }
  throw new TerminalError(
    'secret_key_unusable',
    `${path} does not hold a key: restore it from a backup; webhook secrets cannot be read without it.`,
  );
};
