import {
  chmodSync,
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Running, runScript, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const apiKey = 'a-key-of-my-own-choice';
const headers = { authorization: `Token ${apiKey}`, 'content-type': 'application/json' };
const receiver = { TURNSTONE_WEBHOOK_ALLOW: '127.0.0.1:9' };

let used: ReturnType<typeof temporaryFolder>;
let folder: ReturnType<typeof temporaryFolder>;
let processes: Running[] = [];

const start = async () => {
  const settings = { TURNSTONE_DATA_DIR: folder.path, TURNSTONE_API_KEY: apiKey, ...receiver };
  const service = await startService(settings);
  processes.push(service);
  return service;
};

const run = (script: string, ...args: string[]): Running => {
  const settings = { TURNSTONE_DATA_DIR: folder.path, TURNSTONE_PORT: '0', ...receiver };
  const running = runScript(script, settings, ...args);
  processes.push(running);
  return running;
};

const stop = async (service: Running): Promise<void> => {
  service.child.kill('SIGTERM');
  await service.ended;
};

/** Returns the single sentence on stderr of a process that failed without a stack. */
const refusalOf = async (running: Running): Promise<string> => {
  expect(await running.ended, running.out()).toBe(1);
  expect(running.out()).toBe('');
  expect(running.err()).toMatch(/^[^\n]+\.\n$/);
  return running.err().trim();
};

const post = (url: string, path: string, body: object): Promise<Response> =>
  fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });

// Makes a folder that was in use, with an endpoint; each test gets a copy of it.
beforeAll(async () => {
  used = temporaryFolder();
  folder = used;
  const service = await start();
  const endpoint = { url: 'http://127.0.0.1:9/', event_types: ['*'], headers: { 'x-a': 'b' } };
  const created = await post(service.url, '/v1/endpoints', endpoint);
  if (created.status !== 201) throw new Error(await created.text());
  for (let i = 0; i < 30; i++)
    await post(service.url, '/v1/turns', {
      user_id: 'ana',
      messages: [{ role: 'user', content: `Note ${i}: ${'tea '.repeat(300)}` }],
    });
  await stop(service);
}, 60_000);

beforeEach(() => {
  folder = temporaryFolder();
  for (const name of readdirSync(used.path)) copyFileSync(used.file(name), folder.file(name));
});

afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
  processes = [];
  folder.remove();
});

const database = () => folder.file('turnstone.db');

const overwrite = (from: number, to: number): void => {
  const file = openSync(database(), 'r+');
  writeSync(file, Buffer.alloc(to - from, 0xa5), 0, to - from, from);
  closeSync(file);
};

describe('a start on a damaged folder', () => {
  it.each([
    ['every page but the first', () => overwrite(4_096, statSync(database()).size)],
    ['one page in the middle', () => overwrite(40_960, 45_056)],
    ['the header', () => overwrite(0, 100)],
    ['the end is cut off', () => truncateSync(database(), 12_288)],
    ['the start of a page is left', () => truncateSync(database(), 50)],
    ['it is no database at all', () => writeFileSync(database(), 'x'.repeat(5_000))],
  ])('a start on a damaged database prints one sentence: %s', async (_, damage) => {
    damage();

    const sentence = await refusalOf(run('start'));

    expect(sentence).toContain('restore a backup');
  });

  it('a start on an empty database file prints a remedy that works', async () => {
    truncateSync(database(), 0);

    const sentence = await refusalOf(run('start'));
    rmSync(database());
    rmSync(folder.file('secret.key'));
    const anew = await start();

    expect(sentence).toBe(
      `${database()} is empty, which a Turnstone database never is: restore a backup in its place, or delete it to start anew.`,
    );
    expect(anew.url).toMatch(/^http/);
  });

  it('a start on a folder with a WAL but no database prints one sentence', async () => {
    copyFileSync(database(), `${database()}-wal`);
    rmSync(database());

    expect(await refusalOf(run('start'))).toContain(`${database()} is missing`);
  });
});

it('a start on a data folder of an older schema is refused in one sentence and changes nothing', async () => {
  const older = new DatabaseSync(database());
  older.exec('PRAGMA user_version = 2');
  older.close();
  const before = readFileSync(database());

  const sentence = await refusalOf(run('start'));

  expect(sentence).toBe(
    `${database()} was written by a Turnstone before the first release (format 2, this one reads 4) and cannot be migrated: set TURNSTONE_DATA_DIR to a new folder, or start that version on this one.`,
  );
  expect(readFileSync(database())).toEqual(before);
});

describe('a start without the key of webhook secrets', () => {
  it.each([
    ['is lost', () => rmSync(folder.file('secret.key'))],
    [
      'is another one',
      () => writeFileSync(folder.file('secret.key'), Buffer.alloc(32, 7).toString('base64')),
    ],
  ])(
    'a start whose key of webhook secrets %s prints one sentence with a remedy that works',
    async (_, lose) => {
      lose();
      const keys = run('keys', 'list');
      await keys.ended;

      const sentence = await refusalOf(run('start'));
      const renew = run('renew-secrets');
      const code = await renew.ended;
      const service = await start();
      const listed = await fetch(`${service.url}/v1/endpoints`, { headers });
      const { results } = (await listed.json()) as { results: { id: string }[] };
      const secret = await fetch(`${service.url}/v1/endpoints/${results[0]?.id}/secret`, {
        headers,
      });

      expect(sentence).toMatch(/^The webhook secrets of 1 endpoint cannot be opened: /);
      expect(sentence).toContain(`${folder.file('secret.key')} is missing or holds another key`);
      expect(sentence).toContain('npm run renew-secrets');
      expect(code, renew.err()).toBe(0);
      expect(renew.out()).toContain('Set its headers again: x-a.');
      expect(secret.status).toBe(200);
    },
  );
});

describe('the lock of a folder', () => {
  it('a folder has one service at a time, even if the lock file was deleted', async () => {
    const first = await start();
    rmSync(folder.file('turnstone.lock'));

    const second = await refusalOf(run('start'));
    const third = await refusalOf(run('start'));
    await stop(first);
    const fourth = await start();
    const fifth = await refusalOf(run('start'));

    expect(second).toContain(`Another process has ${database()} open`);
    expect(third).toBe(second);
    expect(fourth.url).toMatch(/^http/);
    expect(fifth).toContain('Another Turnstone service is running');
  });
});

describe('files of a data folder', () => {
  const modes = () => ({
    folder: statSync(folder.path).mode & 0o777,
    files: Object.fromEntries(
      readdirSync(folder.path).map((name) => [name, statSync(folder.file(name)).mode & 0o777]),
    ),
  });

  it('a start makes the files of the folder private, and logs that once', async () => {
    chmodSync(folder.path, 0o755);
    copyFileSync(database(), folder.file('monday.db'));
    for (const name of readdirSync(folder.path)) chmodSync(folder.file(name), 0o644);

    const first = await start();
    await stop(run('backup', folder.file('tuesday.db')));
    const during = modes();
    await stop(first);
    const second = await start();

    expect(during.folder).toBe(0o700);
    expect(new Set(Object.values(during.files))).toEqual(new Set([0o600]));
    expect(Object.keys(during.files)).toEqual(
      expect.arrayContaining([
        'turnstone.db-wal',
        'turnstone.db-shm',
        'turnstone.lock',
        'monday.db',
      ]),
    );
    expect(first.err().match(/data\.closed_to_others/g)).toHaveLength(1);
    expect(second.err()).not.toContain('"event":"data.');
  });
});
