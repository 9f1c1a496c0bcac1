import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { firstKeyIn } from '../support/first-key.ts';
import { type Running, runCommand, runScript, startService } from '../support/service.ts';
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

const run = (script: string, settings: NodeJS.ProcessEnv, ...args: string[]) => {
  const running = runScript(script, { TURNSTONE_DATA_DIR: folder.path, ...settings }, ...args);
  processes.push(running);
  return running;
};

/** Splits the command into words as a shell does. */
const wordsOf = (command: string): string[] => {
  const script = `curl() { for word in "$@"; do printf '%s\\n' "$word"; done; }; ${command}`;
  return spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout.trimEnd().split('\n');
};

/** Sends the request of the pasted curl command. */
const paste = (command: string): Promise<Response> => {
  const [url = '', ...words] = wordsOf(command);
  const after = (flag: string) =>
    words.flatMap((word, i) => (word === flag ? (words[i + 1] ?? []) : []));
  const headers = after('-H').map((line): [string, string] => {
    const cut = line.indexOf(':');
    return [line.slice(0, cut), line.slice(cut + 1).trim()];
  });
  return fetch(url, { method: 'POST', headers, body: after('-d').join('') });
};

const Added = z.object({ event_id: z.string() });

const portOf = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
};

const curlIn = (text: string): string => /^ *(curl .*)$/m.exec(text)?.[1] ?? '';
const firstKey = () => firstKeyIn(folder.path);

const ping = async (url: string, key: string): Promise<number> =>
  (await fetch(`${url}/v1/ping/`, { headers: { authorization: `Token ${key}` } })).status;

/** Returns the single sentence on stderr of a process that failed without a stack. */
const refusalOf = async (running: Running): Promise<string> => {
  expect(await running.ended, running.out()).toBe(1);
  expect(running.out()).toBe('');
  expect(running.err()).toMatch(/^[^\n]+\.\n$/);
  return running.err().trim();
};

describe('npm start', () => {
  it('npm start prints models, address and data folder, and a first request that works as pasted', async () => {
    const service = await start();

    const answer = await paste(curlIn(service.out()));

    expect(service.out()).toContain('basic, expect misses without a model');
    expect(service.out()).toContain(`keeps data in  ${folder.path}`);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ status: 'PENDING', event_id: expect.any(String) });
  });

  it('npm start keeps its key and its memories over a restart', async () => {
    const first = await start();
    const key = firstKey();
    const { event_id: id } = Added.parse(await (await paste(curlIn(first.out()))).json());
    first.child.kill('SIGTERM');
    const code = await first.ended;

    const second = await start();

    const event = await fetch(`${second.url}/v1/events/${id}?wait=20`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(code).toBe(0);
    expect(await event.json()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('npm start accepts the key in TURNSTONE_API_KEY', async () => {
    const preset = 'a-key-of-my-own-choice';
    const service = await start({ TURNSTONE_API_KEY: preset });

    expect(await ping(service.url, preset)).toBe(200);
    expect(await ping(service.url, `${preset}s`)).toBe(401);
    expect(service.out() + service.err()).not.toContain(preset);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('npm start shuts down cleanly on %s', async (signal) => {
    const service = await start();
    await paste(curlIn(service.out()));

    service.child.kill(signal);

    expect(await service.ended, service.err()).toBe(0);
    expect(service.err()).not.toMatch(/"level":"error"/);
  });

  it('npm start shuts down cleanly when npm gets the signal', async () => {
    const settings = { TURNSTONE_DATA_DIR: folder.path, TURNSTONE_PORT: '0' };
    const npm = runCommand('npm', ['start'], settings);
    processes.push(npm);
    const [url = ''] = /http:\S+/.exec(await npm.shows(/listens on http\S+\n/)) ?? [];

    npm.child.kill('SIGTERM');

    expect(await npm.ended, npm.err()).toBe(0);
    await expect(fetch(`${url}/v1/health`)).rejects.toThrow();
  });

  it('npm start finishes requests and ends though the model hangs; the next start refines', async () => {
    const model = createServer();
    const base = `http://127.0.0.1:${await portOf(model)}/v1`;
    const service = await start({ OPENAI_BASE_URL: base });
    const headers = { authorization: `Token ${firstKey()}` };
    const { event_id: id } = Added.parse(await (await paste(curlIn(service.out()))).json());
    const waiting = fetch(`${service.url}/v1/events/${id}?wait=2`, { headers });
    await new Promise((resolve) => setTimeout(resolve, 500));

    service.child.kill('SIGTERM');
    const answer = await waiting;
    const code = await service.ended;
    model.close();
    const next = await start();
    const event = await fetch(`${next.url}/v1/events/${id}?wait=25`, { headers });

    expect(await answer.json()).toMatchObject({ status: expect.stringMatching(/PENDING|RUNNING/) });
    expect(code, service.err()).toBe(0);
    expect(await event.json()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('npm start rejects a folder in use, and does not disturb its service', async () => {
    const service = await start();

    const sentence = await refusalOf(run('start', { TURNSTONE_PORT: '0' }));

    expect(sentence).toContain(folder.path);
    expect(await ping(service.url, firstKey())).toBe(200);
  });

  it('npm start rejects a port in use', async () => {
    const taken = createServer();
    const port = await portOf(taken);

    const sentence = await refusalOf(run('start', { TURNSTONE_PORT: String(port) }));
    taken.close();

    expect(sentence).toBe(
      `Port ${port} of 127.0.0.1 is in use: stop the program that listens there, or set TURNSTONE_PORT.`,
    );
  });

  it('npm start rejects a folder that is not writable', async () => {
    writeFileSync(join(folder.path, 'file'), '');
    const dataDir = join(folder.path, 'file', 'data');

    const sentence = await refusalOf(run('start', { TURNSTONE_DATA_DIR: dataDir }));

    expect(sentence).toContain(dataDir);
  });

  it('npm start rejects an invalid setting', async () => {
    const sentence = await refusalOf(run('start', { TURNSTONE_PORT: 'http' }));

    expect(sentence).toBe('TURNSTONE_PORT must be a port, 0 to 65535, not "http".');
  });

  it('npm start rejects an unknown host', async () => {
    const sentence = await refusalOf(
      run('start', { TURNSTONE_HOST: '192.0.2.1', TURNSTONE_PORT: '0' }),
    );

    expect(sentence).toContain('set TURNSTONE_HOST');
  });
});

describe('the commands', () => {
  it.each([
    [['create', '--permissions', 'owner'], /^A permission is read, write or admin, not "owner"\./],
    [['create', '--oops'], /--oops/],
    [['revoke', '0123456789abcdef'], /^There is no key 0123456789abcdef\./],
    [['list', '--project', 'nowhere'], /^There is no project nowhere\./],
    [[], /^The command is create, list or revoke/],
  ])('npm run keys rejects %j', async (args, sentence) => {
    const keys = run('keys', {}, ...args);

    expect(await keys.ended).toBe(1);
    expect(keys.err()).toMatch(sentence);
    expect(keys.err()).not.toMatch(/^ {4}at /m);
  });

  it('npm run backup copies a running service, and a start on the copy works', async () => {
    const service = await start();
    await paste(curlIn(service.out()));
    const copy = temporaryFolder();

    const backup = run('backup', {}, join(copy.path, 'turnstone.db'));
    const code = await backup.ended;
    const restored = await start({ TURNSTONE_DATA_DIR: copy.path });

    expect(code, backup.err()).toBe(0);
    expect(await ping(restored.url, firstKey())).toBe(200);
    copy.remove();
  });

  it('npm run reindex works beside a running service', async () => {
    await start();

    const reindex = run('reindex', {});

    expect(await reindex.ended, reindex.err()).toBe(0);
    expect(reindex.out()).toMatch(/^default \(proj_\w+\): 0 without a vector of \S+\nDone\.\n$/);
  });

  it('npm run backup fails if there is no data', async () => {
    const backup = run('backup', {}, join(folder.path, 'copy.db'));

    expect(await refusalOf(backup)).toContain('There is no data in');
  });
});
