import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guangzhou } from '../support/memos-client.ts';
import { root } from '../support/repository.ts';
import { startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const apiKey = 'mpg-0123456789abcdef';
const folder = temporaryFolder();
let service: Awaited<ReturnType<typeof startService>>;
let baseUrl: string;
beforeAll(async () => {
  service = await startService({ TURNSTONE_DATA_DIR: folder.path, TURNSTONE_API_KEY: apiKey });
  baseUrl = `${service.url}/api/openmem/v1`;
});
afterAll(async () => {
  service.child.kill();
  await service.ended;
  folder.remove();
});

interface Call {
  path: string;
  data: object;
  /** Polls `get/status` until the task has ended. */
  wait?: boolean;
}

interface Result {
  path: string;
  // biome-ignore lint/suspicious/noExplicitAny: the response is data to examine
  result: any;
}

/** Calls of the example: with `async_mode` the rough memory is searched before the refined ones. */
const callsOf = (user_id: string, isAsync: boolean): Call[] => {
  const search = {
    path: 'search/memory',
    data: { query: 'Which hotel in Guangzhou may I like?', user_id, conversation_id: '0928' },
  };
  const data = { user_id, conversation_id: '0610', messages: guangzhou, async_mode: isAsync };
  const add = { path: 'add/message', data };
  return isAsync ? [add, search, { ...add, wait: true }, search] : [add, search];
};

const byFetch = async (calls: readonly Call[]): Promise<Result[]> => {
  const post = async (path: string, data: object): Promise<Result['result']> => {
    const response = await fetch(`${baseUrl}/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Token ${apiKey}` },
      body: JSON.stringify(data),
    });
    return response.json();
  };
  const results: Result[] = [];
  for (const { path, data, wait } of calls) {
    const result = await post(path, data);
    results.push({ path, result });
    if (!wait) continue;
    const statusNow = async (): Promise<string> =>
      (await post('get/status', { task_id: result.data.task_id })).data.status;
    let status = await statusNow();
    for (; status === 'running'; status = await statusNow()) await sleep(100);
    results.push({ path: 'get/status', result: status });
  }
  return results;
};

const clients = join(root, 'test/support/clients/memos');
/** Users need no Python; continuous integration has it. */
const hasPython = spawnSync('python3', ['--version']).status === 0;
const hasRequests = (): boolean => spawnSync('python3', ['-c', 'import requests']).status === 0;

const byPython = (calls: readonly Call[]): Result[] => {
  const { stdout, stderr, status } = spawnSync('python3', [join(clients, 'example.py')], {
    encoding: 'utf8',
    input: JSON.stringify(calls),
    env: {
      PATH: process.env['PATH'],
      ...(hasRequests() ? {} : { PYTHONPATH: join(clients, 'shim') }),
      PYTHONDONTWRITEBYTECODE: '1',
      MEMOS_API_KEY: apiKey,
      MEMOS_BASE_URL: baseUrl,
    },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
};

const ok = (data: object) => ({ code: 0, data, message: 'ok' });

const ways: [string, (calls: readonly Call[]) => Result[] | Promise<Result[]>][] = [
  ['fetch', byFetch],
  ...(hasPython || process.env['CI'] ? [['Python', byPython] as [string, typeof byPython]] : []),
];

describe.each(ways)('the example of the documentation of MemOS, by %s', (name, run) => {
  const expectRefined = ({ path, result }: Result = { path: '', result: {} }) => {
    expect(path).toBe('search/memory');
    const { memory_detail_list, preference_detail_list } = result.data;
    const values = memory_detail_list.map((item: { memory_value: string }) => item.memory_value);
    expect(values.join('\n')).toContain('Guangzhou');
    expect(memory_detail_list[0].tags).not.toContain('mode:fast');
    expect(preference_detail_list).toMatchObject([
      {
        preference: expect.stringContaining('7 Days Inn'),
        preference_type: 'implicit_preference',
        reasoning: expect.stringContaining('7 Days Inn, Ji Hotel, Hilton'),
      },
    ]);
  };

  it('in asynchronous mode the rough memory is found at once, then the refined ones', async () => {
    const [added, rough, again, status, refined] = await run(callsOf(`async ${name}`, true));

    const task_id = expect.any(String);
    expect(added?.result).toEqual(ok({ success: true, task_id, status: 'running' }));
    const { memory_detail_list } = rough?.result.data ?? {};
    expect(memory_detail_list.length).toBeGreaterThan(0);
    expect(again?.result.data.task_id).toBe(added?.result.data.task_id);
    expect(status).toEqual({ path: 'get/status', result: 'completed' });
    expectRefined(refined);
  });

  it('in synchronous mode the answer comes once the memories are refined', async () => {
    const [added, refined] = await run(callsOf(`sync ${name}`, false));

    const data = { success: true, task_id: expect.any(String), status: 'completed' };
    expect(added?.result).toEqual(ok(data));
    expectRefined(refined);
  });
});
