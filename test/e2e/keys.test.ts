import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { banner } from '../../functions/local/banner.ts';
import { plainEmbedder, plainLanguageModel } from '../support/fake-models.ts';
import { firstKeyFile, firstKeyIn } from '../support/first-key.ts';
import { type Running, runScript, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let processes: Running[];

beforeEach(() => {
  folder = temporaryFolder();
  processes = [];
});

afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
  folder.remove();
});

const start = async (settings: NodeJS.ProcessEnv = {}) => {
  const service = await startService({ TURNSTONE_DATA_DIR: folder.path, ...settings });
  processes.push(service);
  return service;
};

const statusOf = async (url: string, key: string): Promise<number> =>
  (await fetch(url, { headers: { authorization: `Token ${key}` } })).status;

describe('the first API key', () => {
  it('the first API key is written once, to a private file, and nowhere else', async () => {
    const first = await start();
    const file = firstKeyFile(folder.path);
    const key = firstKeyIn(folder.path);
    const mode = statSync(file).mode & 0o777;
    const usage = await statusOf(`${first.url}/v1/usage`, key);
    first.child.kill('SIGTERM');
    await first.ended;
    rmSync(file);

    const second = await start();

    expect(key).toMatch(/^ts_[0-9a-f]{16}_[0-9a-f]{64}$/);
    expect(first.out()).toContain(`written to ${file}`);
    expect(first.out() + first.err() + second.out() + second.err()).not.toContain(key.slice(-64));
    expect([mode, usage]).toEqual([0o600, 200]);
    expect(existsSync(file)).toBe(false);
    expect(await statusOf(`${second.url}/v1/ping`, key)).toBe(200);
  });

  it('the first API key replaces a file that others can read', async () => {
    const file = firstKeyFile(folder.path);
    writeFileSync(file, 'an older one', { mode: 0o644 });

    await start();

    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(firstKeyIn(folder.path)).toMatch(/^ts_/);
  });

  const shown = {
    version: '1',
    url: 'http://x',
    data: '/d',
    index: 'i',
    hasPreset: false,
    hasKey: true,
  };
  const models = { languageModel: plainLanguageModel, embedder: plainEmbedder };

  it('the first API key is shown on a terminal, with a request to paste', () => {
    const text = banner(models, { ...shown, createdKey: 'ts_key', keyFile: undefined });

    expect(text).toContain('API key        ts_key (shown only this once');
    expect(text).toContain('"Authorization: Token ts_key"');
  });

  it('the request to paste reads the first API key from its file, whatever the name of the folder', () => {
    const keyFile = "/it's here/first-api-key";

    const text = banner(models, { ...shown, createdKey: undefined, keyFile });

    expect(text).toContain(`"Authorization: Token $(cat '/it'\\''s here/first-api-key')"`);
  });

  it.each([
    [true, 'API key        as before ('],
    [false, 'API key        none yet (make one: npm run keys -- create)'],
  ])('a start whose project has a key: %s, says so', (hasKey, line) => {
    const text = banner(models, { ...shown, hasKey, createdKey: undefined, keyFile: undefined });

    expect(text).toContain(line);
  });
});

describe('npm start', () => {
  const settings = {
    TURNSTONE_WRONG_KEYS_PER_MINUTE: '3',
    TURNSTONE_RATE_LIMIT: '1',
    TURNSTONE_RATE_BURST: '4',
  };
  const statuses = async (url: string, key: string): Promise<number[]> => {
    const answers: number[] = [];
    for (let n = 0; n < 6; n++) answers.push(await statusOf(url, key));
    return answers;
  };

  it('npm start limits invalid keys by the address of the connection, and valid ones by their rate limit', async () => {
    const { url } = await start(settings);
    const right = firstKeyIn(folder.path);
    await statusOf(`${url}/v1/ping`, right);

    const wrong = await statuses(`${url}/v1/ping`, 'ts_wrong-but-long-enough');
    const own = await statuses(`${url}/v1/ping`, right);

    expect(wrong).toEqual([401, 401, 401, 429, 429, 429]);
    expect([own[0], own.at(-1)]).toEqual([200, 429]);
  });

  it('npm start writes the usage of the last minute when it ends', async () => {
    const first = await start();
    const key = firstKeyIn(folder.path);
    for (let n = 0; n < 5; n++) await statusOf(`${first.url}/v1/ping`, key);
    first.child.kill('SIGTERM');
    await first.ended;

    const second = await start();
    const answer = await fetch(`${second.url}/v1/usage`, {
      headers: { authorization: `Token ${key}` },
    });

    expect(await answer.json()).toMatchObject({ total: { requests: 5 } });
  });
});

describe('npm run keys', () => {
  const run = (...args: string[]) => {
    const running = runScript('keys', { TURNSTONE_DATA_DIR: folder.path }, ...args);
    processes.push(running);
    return running;
  };

  it('npm run keys creates, lists and revokes keys of a running service', async () => {
    const service = await start();

    const create = run('create', '--project', 'shop', '--name', 'for the shop');
    await create.ended;
    const key = /ts_[0-9a-f]{16}_[0-9a-f]{64}/.exec(create.out())?.[0] ?? '';
    const made = await statusOf(`${service.url}/v1/ping`, key);
    const list = run('list', '--project', 'shop');
    await list.ended;
    const id = key.split('_')[1] ?? '';
    const revoke = run('revoke', id);
    await revoke.ended;

    expect(made).toBe(200);
    expect(list.out()).toContain(id);
    expect(list.out()).toContain('for the shop');
    expect(list.out()).not.toContain(key.slice(-64));
    expect(revoke.out()).toContain('is revoked');
  });

  it('npm run keys creates a key that may manage keys', async () => {
    const service = await start();

    const create = run('create', '--permissions', 'admin');
    await create.ended;
    const key = /ts_[0-9a-f]{16}_[0-9a-f]{64}/.exec(create.out())?.[0] ?? '';

    expect(await statusOf(`${service.url}/v1/keys`, key)).toBe(200);
    expect(await statusOf(`${service.url}/v1/events`, key)).toBe(403);
  });
});
