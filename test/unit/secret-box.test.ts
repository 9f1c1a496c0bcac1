import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSecretBox } from '../../shared/adapters/secret-box/file-secret-box.ts';
import { readKeyFile } from '../../shared/adapters/secret-box/key-file.ts';
import { createSecretBox } from '../../shared/adapters/secret-box/secret-box.ts';
import { startChild } from '../support/child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const owner = { project: 'proj_1', endpoint: 'whe_1' };
const key = randomBytes(32);

const unreadable = { name: 'TerminalError', code: 'secret_unreadable' };
const unusable = expect.objectContaining({ name: 'TerminalError', code: 'secret_key_unusable' });

const changedAt = (text: string, index: number): string => {
  const character = text[index] === 'A' ? 'B' : 'A';
  return text.slice(0, index) + character + text.slice(index + 1);
};

describe('the secret box with a local key', () => {
  it('any sealed secret can be opened again', async () => {
    const secrets = ['whsec_geheim', '', '😀 ü', 'x'.repeat(5_000)];

    const opened = await Promise.all(
      secrets.map(async (secret) => {
        const sealed = await createSecretBox(key).seal(secret, owner);
        return createSecretBox(key).open(sealed, owner);
      }),
    );

    expect(opened).toEqual(secrets);
  });

  it('a sealed secret does not contain its text and differs each time', async () => {
    const box = createSecretBox(key);

    const sealed = [await box.seal('whsec_geheim', owner), await box.seal('whsec_geheim', owner)];

    expect(sealed.join()).not.toContain('geheim');
    expect(sealed[0]).not.toBe(sealed[1]);
  });

  it.each([
    ['project', { ...owner, project: 'proj_2' }],
    ['endpoint', { ...owner, endpoint: 'whe_2' }],
    ['pair of both, with the same letters', { project: 'proj_1","whe_1', endpoint: '' }],
  ])('a secret cannot be opened for another %s', async (_, other) => {
    const sealed = await createSecretBox(key).seal('whsec_geheim', owner);

    await expect(createSecretBox(key).open(sealed, other)).rejects.toMatchObject(unreadable);
  });

  it('a secret cannot be opened with another key, and the error gives no reason', async () => {
    const sealed = await createSecretBox(key).seal('whsec_geheim', owner);
    const other = createSecretBox(randomBytes(32));

    await expect(other.open(sealed, owner)).rejects.toMatchObject({
      ...unreadable,
      message: 'A webhook secret cannot be decrypted with this key.',
    });
  });

  it('a sealed secret changed in any byte cannot be opened', async () => {
    const box = createSecretBox(key);
    const sealed = await box.seal('whsec_geheim', owner);
    const places = Array.from({ length: sealed.length - 1 }, (_, i) => i);

    const opened = await Promise.allSettled(
      places.map((place) => box.open(changedAt(sealed, place), owner)),
    );

    expect(opened.filter(({ status }) => status === 'fulfilled')).toEqual([]);
  });

  it.each(['', 'v1', 'v1.', 'v2.AAAA', 'kms1.AAAA', `v1.${'A'.repeat(36)}`, 'whsec_geheim'])(
    'the text %j is not a sealed secret and cannot be opened',
    async (text) => {
      await expect(createSecretBox(key).open(text, owner)).rejects.toMatchObject(unreadable);
    },
  );
});

describe('the key file of the secret box', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('the key file is created once, with 32 random bytes, readable by this user only', () => {
    const path = folder.file('data/secret.key');

    const made = readKeyFile(path);

    expect(made).toHaveLength(32);
    expect(readKeyFile(path)).toEqual(made);
    expect(readKeyFile(folder.file('other.key'))).not.toEqual(made);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(folder.file('data')).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder.file('data'))).toEqual(['secret.key']);
  });

  it.each([
    ['is empty', ''],
    ['is cut short', 'QUJD\n'],
    ['holds too much', `${Buffer.alloc(33).toString('base64')}\n`],
    ['holds something else', 'a note to myself, of about forty-three letters'],
  ])('a key file that %s is refused and stays unchanged', (_, text) => {
    const path = folder.file('secret.key');
    writeFileSync(path, text);

    expect(() => readKeyFile(path)).toThrow(unusable);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it.each(['.', 'secret.key/below'])(
    'a key file at %s, which cannot be read or created, is refused',
    (name) => {
      writeFileSync(folder.file('secret.key'), '');

      expect(() => readKeyFile(folder.file(name))).toThrow(unusable);
    },
  );

  it('the key file is created by sealing a secret and never by opening one', async () => {
    const path = folder.file('data/secret.key');
    const sealed = await createFileSecretBox(path).seal('whsec_geheim', owner);
    const original = readFileSync(path);
    rmSync(path);

    const afterLoss = createFileSecretBox(path);

    await expect(afterLoss.open(sealed, owner)).rejects.toMatchObject(unreadable);
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, original);
    expect(await afterLoss.open(sealed, owner)).toBe('whsec_geheim');
  });

  it('processes that create the key file at the same time use the same key', async () => {
    const path = folder.file('data/secret.key');
    const program = new URL('../support/key-file-child.ts', import.meta.url);
    const children = Array.from({ length: 4 }, () => startChild(program, path));

    const keys = await Promise.all(children.map((child) => child.nextLine()));
    await Promise.all(children.map(({ ended }) => ended));

    expect(keys[0]).toHaveLength(44);
    expect(new Set(keys).size).toBe(1);
    expect(readdirSync(folder.file('data'))).toEqual(['secret.key']);
  });
});
