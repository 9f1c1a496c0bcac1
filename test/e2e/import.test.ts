import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstKeyIn } from '../support/first-key.ts';
import { type Running, runScript, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let processes: Running[];
let servers: Server[];
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  processes = [];
  servers = [];
  file = join(folder.path, 'export.json');
});

afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
  for (const server of servers) server.close();
  folder.remove();
});

const runImport = async (...args: string[]) => {
  const running = runScript('import', {}, file, ...args);
  return { code: await running.ended, out: running.out(), err: running.err() };
};

/** Service that records idempotency keys, and answers each request by `statusOf` its number; 0 breaks the connection. */
const startRecorder = async (statusOf: (request: number) => number) => {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    const status = statusOf(keys.length);
    if (status === 0) return void request.socket.destroy();
    keys.push(request.headers['idempotency-key']);
    request.resume().on('end', () => {
      response.writeHead(status, { 'retry-after': '0.01' });
      response.end(JSON.stringify({ event_id: 'e', message: `answer ${status}` }));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { keys, args: ['--url', `http://127.0.0.1:${port}`, '--key', 'k', '--user', 'ana'] };
};

describe('npm run import', () => {
  it('memories and conversations of other services are found once they are imported, and a dry run sends nothing', async () => {
    const service = await startService({ TURNSTONE_DATA_DIR: folder.path });
    processes.push(service);
    const key = firstKeyIn(folder.path);
    writeFileSync(
      file,
      JSON.stringify([
        { id: 'm-1', memory: 'Bo plays the cello.', user_id: 'bo', created_at: '2025-01-01' },
        {
          uuid: 'c-1',
          created_at: '2025-05-01T10:00:00Z',
          chat_messages: [
            { sender: 'human', text: 'I live in Lisbon.', created_at: '2025-05-01T10:00:00Z' },
          ],
        },
        { tool_value: 'A -> B' },
      ]),
    );
    const list = async (user: string): Promise<{ memory: string; created_at: string }[]> => {
      const response = await fetch(`${service.url}/v3/memories/`, {
        method: 'POST',
        headers: { authorization: `Token ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ filters: { user_id: user } }),
      });
      const { results } = JSON.parse(await response.text());
      return results;
    };
    const args = ['--url', service.url, '--key', key, '--user', 'ana', '--id-field', 'was'];

    const dry = await runImport(...args, '--dry-run');
    const before = [...(await list('ana')), ...(await list('bo'))];
    const done = await runImport(...args);

    expect(dry.code).toBe(0);
    expect(dry.out).toContain('1 turns of conversations and 1 memories of 2 users');
    expect(dry.out).toContain('left out 1 times: a record of an unknown form');
    expect(before).toEqual([]);
    expect(done).toMatchObject({ code: 0, err: '' });
    await expect
      .poll(async () => [...(await list('ana')), ...(await list('bo'))], { timeout: 20_000 })
      .toEqual([
        expect.objectContaining({ memory: 'User lives in Lisbon.' }),
        expect.objectContaining({
          memory: 'Bo plays the cello.',
          metadata: expect.objectContaining({ was: 'm-1' }),
        }),
      ]);
    expect(existsSync(`${file}.import`)).toBe(false);
  });

  it('an import that is cut off continues where it was, and repeats no turn under another key', async () => {
    writeFileSync(file, JSON.stringify(['a', 'b', 'c', 'd']));
    let isDown = true;
    const recorder = await startRecorder((request) => (isDown && request === 2 ? 0 : 202));

    const cut = await runImport(...recorder.args);
    isDown = false;
    const done = await runImport(...recorder.args);

    expect(cut.code).toBe(1);
    expect(cut.err).toContain('2 of 4 are added; run this command again');
    expect(done.out).toContain('2 of them were added by an earlier run.');
    expect([done.code, recorder.keys.length, new Set(recorder.keys).size]).toEqual([0, 4, 4]);
  });

  it('a busy service is asked again, a refused turn is named and does not end the import', async () => {
    writeFileSync(file, JSON.stringify(['a', 'b', 'c']));
    const statuses = [429, 503, 202, 400, 202];
    const recorder = await startRecorder((request) => statuses[request] ?? 500);

    const { code, err } = await runImport(...recorder.args);

    expect(code).toBe(1);
    expect(err).toBe('1 were refused:\nturn 2: The service answered 400: answer 400\n');
    expect(recorder.keys).toHaveLength(5);
  });

  it('the position of an import is readable by its owner alone and holds no text', async () => {
    writeFileSync(file, JSON.stringify(['Rosebud', 'b']));
    const recorder = await startRecorder((request) => (request === 1 ? 0 : 202));

    await runImport(...recorder.args);

    expect(statSync(`${file}.import`).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${file}.import`, 'utf8')).toMatch(/^\{"import":"[\w-]+","done":1\}$/);
  });
});

describe('npm run export and npm run import of an archive', () => {
  const startOne = async (name: string) => {
    const dataDir = join(folder.path, name);
    const service = await startService({ TURNSTONE_DATA_DIR: dataDir });
    processes.push(service);
    const key = firstKeyIn(dataDir);
    return { ...service, args: ['--url', service.url, '--key', key], key };
  };

  const runExport = async (...args: string[]) => {
    const running = runScript('export', {}, file, ...args);
    return { code: await running.ended, out: running.out(), err: running.err() };
  };

  it('an archive of a user is restored in an empty folder, and exported from there it is the same', async () => {
    const from = await startOne('from');
    const to = await startOne('to');
    const headers = { authorization: `Token ${from.key}`, 'content-type': 'application/json' };
    const messages = [{ role: 'user', content: 'I live in Oslo.' }];
    const body = JSON.stringify({ user_id: 'ana', messages, async: false });
    await fetch(`${from.url}/v1/turns`, { method: 'POST', headers, body });

    const exported = await runExport(...from.args, '--user', 'ana');
    const archive = readFileSync(file, 'utf8');
    const dry = await runImport(...to.args, '--dry-run');
    const imported = await runImport(...to.args);
    await runExport(...to.args, '--user', 'ana');

    expect(exported).toMatchObject({ code: 0, err: '' });
    expect(exported.out).toMatch(/^\d+ records are in .*, readable by you alone\.\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(archive).toContain('User lives in Oslo.');
    expect(dry.out).toContain('An archive of this service. entity 1, memory 1, revision 1');
    expect(imported).toMatchObject({ code: 0, err: '' });
    expect(imported.out).toContain('restored 5');
    expect(readFileSync(file, 'utf8')).toBe(archive);
    expect(existsSync(`${file}.import`)).toBe(false);
  });

  it('an archive that was cut off is refused before anything is sent', async () => {
    writeFileSync(
      file,
      '{"archive":{"version":1}}\n{"entity":{"kind":"user","id":"a","createdAt":1}}\n',
    );
    const recorder = await startRecorder(() => 200);

    const { code, err } = await runImport(...recorder.args);

    expect([code, recorder.keys.length]).toEqual([1, 0]);
    expect(err).toContain('is not a whole archive');
  });
});
