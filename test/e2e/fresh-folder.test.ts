import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Running, type RunningService, runScript, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const apiKey = 'a-key-of-my-own-choice';
const headers = { authorization: `Token ${apiKey}`, 'content-type': 'application/json' };
/** Endpoint, whose secret is sealed with a key in a file. */
const body = JSON.stringify({ url: 'http://127.0.0.1:9/', event_types: ['*'] });

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

const settings = () => ({
  TURNSTONE_DATA_DIR: folder.file('data'),
  TURNSTONE_API_KEY: apiKey,
  TURNSTONE_WEBHOOK_ALLOW: '127.0.0.1:9',
});
const start = async (more: NodeJS.ProcessEnv = {}): Promise<RunningService> => {
  const service = await startService({ ...settings(), ...more });
  processes.push(service);
  return service;
};
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('file permissions', () => {
  let umask: number;
  beforeEach(() => {
    umask = process.umask(0);
  });
  afterEach(() => {
    process.umask(umask);
  });

  it('files of a new folder and of backups are private, whatever the umask', async () => {
    mkdirSync(folder.file('elsewhere'), { mode: 0o755 });
    const { url } = await start();
    await fetch(`${url}/v1/endpoints`, { method: 'POST', headers, body });

    const copies = ['elsewhere/copy.db', 'made/on/the/way/copy.db'];
    for (const copy of copies) {
      const backup = runScript('backup', settings(), folder.file(copy));
      expect(await backup.ended, backup.err()).toBe(0);
    }

    const files = readdirSync(folder.file('data'));
    expect(files).toEqual(
      expect.arrayContaining(['secret.key', 'turnstone.db', 'turnstone.db-wal']),
    );
    expect(modeOf(folder.file('data'))).toBe(0o700);
    expect(new Set(files.map((name) => modeOf(folder.file(`data/${name}`))))).toEqual(
      new Set([0o600]),
    );
    expect(copies.map((copy) => modeOf(folder.file(copy)))).toEqual([0o600, 0o600]);
    expect(processes[0]?.err()).not.toContain('data.closed_to_others');
  });
});

describe('npm start', () => {
  it('npm start closes connections beyond the maximum', async () => {
    const { url } = await start({ TURNSTONE_MAX_CONNECTIONS: '10' });
    const { hostname, port } = new URL(url);
    const sockets: Socket[] = [];
    let refused = 0;
    for (let n = 0; n < 30; n++) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.on('close', () => {
        refused += 1;
      });
      sockets.push(socket);
    }

    await expect.poll(() => refused, { timeout: 5_000 }).toBe(20);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await fetch(`${url}/v1/health`)).status).toBe(200);
  });

  it('npm start answers a forged cursor, and ends on SIGTERM while a body never arrives', async () => {
    const service = await start();
    const created = await fetch(`${service.url}/v1/endpoints`, { method: 'POST', headers, body });
    const { id } = (await created.json()) as { id: string };
    const { hostname, port } = new URL(service.url);
    const slow = connect(Number(port), hostname).on('error', () => {});
    slow.write('POST /v1/turns HTTP/1.1\r\nHost: a.test\r\nContent-Length: 99\r\n\r\n{');

    const deliveries = `${service.url}/v1/endpoints/${id}/deliveries`;
    const forged = await fetch(`${deliveries}?after=999999999999999%23`, { headers });
    service.child.kill('SIGTERM');

    expect(forged.status).toBe(200);
    expect(await service.ended, service.err()).toBe(0);
    slow.destroy();
  });
});
