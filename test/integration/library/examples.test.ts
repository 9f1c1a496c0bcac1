import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ConnectionError,
  createMemory,
  type LocalMemory,
  type MemoryOperations,
} from '../../../functions/library/index.ts';
import { addReliably } from '../../examples/memory/add-reliably.ts';
import { addTogether } from '../../examples/memory/add-together.ts';
import { chatWithMemories } from '../../examples/memory/chat.ts';
import { coreOperations } from '../../examples/memory/core-operations.ts';
import { type Duration, timed } from '../../examples/memory/durations.ts';
import { handleErrors } from '../../examples/memory/handle-errors.ts';
import { withMemory } from '../../examples/memory/lifecycle.ts';
import { scopes } from '../../examples/memory/scopes.ts';
import { memoryRoutes } from '../../examples/memory/serve.ts';
import { startOpenAiServer } from '../../support/openai-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let memory: LocalMemory;
const unknownId = '01890a5d-ac96-774b-bcce-b302099a8057';

beforeAll(async () => {
  folder = temporaryFolder();
  memory = await createMemory({ dataDir: folder.file('data') });
});

afterAll(async () => {
  await memory.close();
  folder.remove();
});

describe('the examples of a memory in process', () => {
  it('a memory is closed when the work with it fails', async () => {
    const options = { dataDir: folder.file('lifecycle') };

    const failed = withMemory(options, async (one) => {
      await one.add('I live in Oslo.', { userId: 'ana' });
      throw new Error('the work failed');
    });
    await expect(failed).rejects.toThrow('the work failed');

    const { count } = await withMemory(options, (one) => one.getAll({ userId: 'ana' }));
    expect(count).toBe(1);
  });

  it('a failure among adds at the same time leaves the others', async () => {
    const { added, failures } = await addTogether(
      memory,
      new Map([
        ['gather-1', 'I live in Oslo.'],
        ['gather-2', ''],
        ['gather-3', 'I play the cello.'],
      ]),
    );

    expect([...added.keys()]).toEqual(['gather-1', 'gather-3']);
    expect(failures).toMatchObject([{ userId: 'gather-2', reason: { code: 'invalid_request' } }]);
  });

  it('an add is repeated after a lost connection, and awaited when it is slow', async () => {
    let calls = 0;
    const flaky = {
      ...memory,
      add: async (...given: Parameters<MemoryOperations['add']>) => {
        calls += 1;
        if (calls === 1) throw new ConnectionError('connection', 'Lost.', { operation: 'add' });
        return memory.add(...given);
      },
    } as MemoryOperations;
    const options = { userId: 'retries', idempotencyKey: 'turn-1' };

    const repeated = await addReliably(flaky, 'I live in Oslo.', { ...options, timeoutMs: 30_000 });
    const slow = await addReliably(memory, 'I play the cello.', {
      ...options,
      idempotencyKey: 'turn-2',
      timeoutMs: 0,
    });

    expect(calls).toBe(2);
    expect(repeated).toMatchObject({ results: [{ memory: 'User lives in Oslo.' }] });
    expect(slow).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('the core operations see each other', async () => {
    const seen = await coreOperations(memory, 'core');

    expect(seen.found.results[0]?.memory).toContain('vegetarian');
    expect(seen.listed.count).toBe(seen.added.results.length);
    expect(seen.read.metadata).toEqual({ source: 'chat' });
    expect(seen.updated.memory).toBe('User is vegan.');
    expect(seen.history.at(-1)).toMatchObject({ event: 'UPDATE', newMemory: 'User is vegan.' });
    expect([seen.rest.count, seen.empty.count]).toEqual([seen.listed.count - 1, 0]);
  });

  it('a memory is found by each id of its turn and by all together', async () => {
    const counts = await scopes(memory);

    expect(counts).toEqual({ user: 2, agent: 1, run: 1, userOfAgent: 1, otherUser: 0 });
  });

  it('a chat answers by what was said before, and remembers the turn', async () => {
    const server = await startOpenAiServer({ chat: { content: 'Try the lentil soup.' } });
    const openai = new OpenAI({ apiKey: 'k', baseURL: server.url });
    await memory.add('I am vegetarian.', { userId: 'chat' });

    const answer = await chatWithMemories(memory, openai, 'What should I eat?', 'chat');

    const [asked] = server.chats();
    const { results } = await memory.search('lentil soup', { userId: 'chat' });
    await server.close();
    expect(answer).toBe('Try the lentil soup.');
    expect(JSON.stringify(asked)).toContain('vegetarian');
    expect(results.some((one) => one.memory.includes('lentil'))).toBe(true);
  });

  it.each([
    ['missing_scope', 'correct userId', () => memory.getAll({})],
    ['empty_query', 'correct query', () => memory.search('', { userId: 'ana' })],
    ['memory_not_found', 'the id is unknown or deleted', () => memory.get(unknownId)],
    ['data_in_use', 'correct the options', () => createMemory({ dataDir: folder.file('data') })],
  ])('%s is handled: %s', async (code, advice, call) => {
    const handled = await handleErrors<unknown>(call);

    expect(handled).toMatchObject({ code, advice });
  });

  it('an application serves a memory over routes of its own', async () => {
    const app = memoryRoutes(memory);
    const post = { method: 'POST', body: JSON.stringify({ text: 'I live in Oslo.' }) };

    const added = await app.request('/users/serve/memories', post);
    const found = await app.request('/users/serve/memories?query=Oslo');
    const refused = await app.request('/users/serve/memories');
    const unknown = await app.request(`/memories/${unknownId}`, { method: 'DELETE' });

    expect([added.status, found.status, refused.status, unknown.status]).toEqual([
      201, 200, 400, 404,
    ]);
    expect(await found.text()).toContain('User lives in Oslo.');
  });

  it('durations are logged with the outcome', async () => {
    const logged: Duration[] = [];
    const log = (one: Duration) => logged.push(one);

    await timed(memory, 'getAll', (one) => one.getAll({ userId: 'ana' }), log);
    await timed(memory, 'get', (one) => one.get(unknownId), log).catch(() => undefined);

    expect(logged).toMatchObject([
      { operation: 'getAll', outcome: 'ok', ms: expect.any(Number) },
      { operation: 'get', outcome: 'memory_not_found' },
    ]);
  });
});
