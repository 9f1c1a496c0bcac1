import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemory } from '../../../functions/library/index.ts';
import type { LocalMemory } from '../../../functions/library/memory-interface.ts';
import { readConfig } from '../../../shared/platform/config/config.ts';
import { databaseFile, secretKeyFile } from '../../../shared/platform/local.ts';
import { openService } from '../../support/in-memory-service.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let memory: LocalMemory;
const unknownId = '01890a5d-ac96-774b-bcce-b302099a8057';

beforeEach(async () => {
  folder = temporaryFolder();
  memory = await createMemory({ dataDir: folder.file('data') });
});

afterEach(async () => {
  await memory.close();
  folder.remove();
});

const idOfFirst = async (text: string, userId: string): Promise<string> => {
  const { results } = await memory.add(text, { userId });
  return results[0]?.id ?? '';
};

describe('the operations of a memory in process', () => {
  it('an add resolves with the memories that its refinement made', async () => {
    const added = await memory.add('I live in Oslo.', { userId: 'ana', metadata: { is_a: 1 } });

    expect(added.results).toMatchObject([{ event: 'ADD', memory: 'User lives in Oslo.' }]);
    await expect(memory.get(added.results[0]?.id ?? '')).resolves.toMatchObject({
      memory: 'User lives in Oslo.',
      userId: 'ana',
      metadata: { is_a: 1 },
      type: 'refined',
    });
  });

  it('an add that taught nothing has no results and says why', async () => {
    const added = await memory.add('Hello!', { userId: 'ana' });

    expect(added.results).toEqual([]);
    expect(added.reason).toEqual(expect.stringContaining(' '));
  });

  it('an add that does not wait is found at once, and its event can be awaited', async () => {
    const pending = await memory.add('I play the cello.', { userId: 'ana', wait: false });
    const { results } = await memory.search('cello', { userId: 'ana' });
    const event = await memory.waitForEvent(pending.eventId);

    expect(pending).toEqual({ eventId: expect.any(String), status: 'PENDING' });
    expect(results[0]?.memory).toContain('cello');
    expect(event).toMatchObject({ id: pending.eventId, status: 'SUCCEEDED' });
  });

  it('a repeated add with the same idempotency key is the same add', async () => {
    const options = { userId: 'ana', idempotencyKey: 'turn-1' };

    const [first, second] = [
      await memory.add('I live in Oslo.', options),
      await memory.add('I live in Oslo.', options),
    ];

    expect(second).toEqual(first);
  });

  it('texts are kept word for word without inference, at the time they were said', async () => {
    const said = new Date('2024-05-01T00:00:00Z');

    const { results } = await memory.add('  Odd  words ', {
      userId: 'ana',
      infer: false,
      timestamp: said,
    });

    expect(results).toMatchObject([{ event: 'ADD' }]);
    expect((await memory.get(results[0]?.id ?? '')).createdAt).toContain('2024-05-01');
  });

  it('ids and filters of a search must both match', async () => {
    await memory.add('I live in Oslo.', { userId: 'ana', runId: 'r1', metadata: { kind: 'a' } });

    const search = (kind: string) =>
      memory.search('Oslo', { userId: 'ana', filters: { metadata: { kind } }, topK: 5 });

    expect((await search('a')).results).not.toEqual([]);
    expect((await search('b')).results).toEqual([]);
  });

  it('a search and a list at a time have what was true then', async () => {
    await memory.add('I live in Oslo.', { userId: 'ana', timestamp: '2024-01-01T00:00:00Z' });
    const read = async (atTime: Date | string) => {
      const options = { userId: 'ana', atTime };
      const { results } = await memory.search('Oslo', { ...options, includeMessages: false });
      return [results.length, (await memory.getAll(options)).count];
    };

    expect(await read(new Date('2023-12-31T00:00:00Z'))).toEqual([0, 0]);
    expect(await read('2024-06-01T00:00:00Z')).toEqual([1, 1]);
    await expect(read('then')).rejects.toMatchObject({ field: 'atTime' });
  });

  it('a search and a list have what has expired on request', async () => {
    const said = { userId: 'ana', expirationDate: '2024-01-01', infer: false };
    await memory.add('I live in Oslo.', said);
    const read = async (includeExpired: boolean) => {
      const { results } = await memory.search('Oslo', { userId: 'ana', includeExpired });
      return [results.length, (await memory.getAll({ userId: 'ana', includeExpired })).count];
    };

    expect([await read(false), await read(true)]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('a memory is changed, has a history and is deleted', async () => {
    const id = await idOfFirst('I live in Oslo.', 'ana');

    await memory.update(id, 'User lives in Bergen.');
    const updated = await memory.update(id, { metadata: { checked: true } });
    const history = await memory.history(id);
    await memory.delete(id);

    expect(updated).toMatchObject({ memory: 'User lives in Bergen.', metadata: { checked: true } });
    expect(history.map(({ newMemory }) => newMemory)).toContain('User lives in Bergen.');
    await expect(memory.get(id)).rejects.toMatchObject({ code: 'memory_not_found' });
  });

  it('a list has more memories than one page of the service', async () => {
    const texts = Array.from({ length: 250 }, (_, at) => ({
      role: 'user',
      content: `Note ${at}.`,
    }));
    await memory.add(texts, { userId: 'ana', infer: false });

    const { results, count } = await memory.getAll({ userId: 'ana', limit: 230 });

    expect(count).toBe(250);
    expect(new Set(results.map(({ id }) => id)).size).toBe(230);
  });

  it('a delete-all deletes one user, and a reset everybody', async () => {
    for (const userId of ['ana', 'ben', 'cleo']) await memory.add('I live in Oslo.', { userId });
    const countOf = async (userId: string) => (await memory.getAll({ userId })).count;

    await memory.deleteAll({ userId: 'ana' });
    expect([await countOf('ana'), await countOf('ben')]).toEqual([0, 1]);

    await memory.reset();
    expect([await countOf('ben'), await countOf('cleo')]).toEqual([0, 0]);
  });

  it('hundreds of adds at once are all refined', async () => {
    const users = Array.from({ length: 300 }, (_, at) => `user-${at}`);

    const added = await Promise.all(
      users.map((userId) => memory.add(`I live in Oslo.`, { userId, timeoutMs: 300_000 })),
    );

    expect(added.every(({ results }) => results.length === 1)).toBe(true);
    expect(new Set(added.map(({ eventId }) => eventId)).size).toBe(300);
  });
});

describe('the errors of a memory in process', () => {
  it.each([
    ['empty_query', 'search', () => memory.search('  ', { userId: 'ana' })],
    ['missing_scope', 'search', () => memory.search('Oslo', {})],
    ['missing_scope', 'add', () => memory.add('I live in Oslo.', {})],
    ['missing_scope', 'getAll', () => memory.getAll({})],
    ['missing_scope', 'deleteAll', () => memory.deleteAll({})],
    ['memory_not_found', 'get', () => memory.get(unknownId)],
    ['memory_not_found', 'update', () => memory.update(unknownId, 'x')],
    ['memory_not_found', 'delete', () => memory.delete(unknownId)],
    ['memory_not_found', 'history', () => memory.history(unknownId)],
    ['event_not_found', 'waitForEvent', () => memory.waitForEvent(unknownId)],
    ['invalid_id', 'get', () => memory.get('no-id')],
    ['invalid_id', 'get', () => memory.get('')],
    ['invalid_request', 'add', () => memory.add([], { userId: 'ana' })],
    ['invalid_request', 'add', () => memory.add('x', { userId: 'ana', timeoutMs: Number.NaN })],
    ['invalid_request', 'add', () => memory.add('x', { userId: 'ana', timestamp: new Date('x') })],
    ['invalid_request', 'add', () => memory.add('x', { userId: 'ana', metadata: { big: 1n } })],
    ['invalid_request', 'getAll', () => memory.getAll({ userId: 'ana', limit: 0 })],
  ])('%s is the code of a refused %s', async (code, operation, call) => {
    await expect(call()).rejects.toMatchObject({ code, operation });
  });

  it('an error has the ids that the call named', async () => {
    const failed = memory.search('', { userId: 'ana', runId: 'r1' });

    await expect(failed).rejects.toMatchObject({
      name: 'ValidationError',
      scope: { userId: 'ana', runId: 'r1' },
      field: 'query',
    });
  });

  it('a second memory on the same folder is refused with the folder', async () => {
    const second = createMemory({ dataDir: folder.file('data') });

    await expect(second).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'data_in_use',
      message: expect.stringContaining(folder.file('data')),
    });
  });

  it('a folder whose webhook secrets are lost is refused, and is free afterwards', async () => {
    const dataDir = folder.file('lost');
    const service = await openService({
      dataDir,
      path: databaseFile({ dataDir }),
      webhookAllow: readConfig({ TURNSTONE_WEBHOOK_ALLOW: '127.0.0.1:9' }).webhookAllow,
    });
    const { status, body } = await service.client('POST /v1/endpoints', {
      body: { url: 'http://127.0.0.1:9/', event_types: ['*'] },
    });
    await service.close();
    expect(status, body.message).toBe(201);
    rmSync(secretKeyFile({ dataDir }));

    for (let tries = 0; tries < 2; tries += 1)
      await expect(createMemory({ dataDir })).rejects.toMatchObject({ code: 'secret_key_lost' });
  });

  it('a wrong option is refused with the name of the option', async () => {
    const opened = createMemory({ dataDir: folder.file('b'), openai: { baseUrl: 'nowhere' } });

    await expect(opened).rejects.toMatchObject({
      code: 'bad_setting',
      message: expect.stringMatching(/^openai\.baseUrl /),
    });
  });

  it('an abort ends a call with the reason of the signal, and the turn is stored', async () => {
    const abort = new AbortController();
    const reason = new Error('no longer needed');
    const add = memory.add('I live in Oslo.', { userId: 'ana', signal: abort.signal });
    const ended = expect(add).rejects.toBe(reason);
    const isStored = async () =>
      (await memory.search('Oslo', { userId: 'ana' })).results.length > 0;
    await expect.poll(isStored).toBe(true);

    abort.abort(reason);

    await ended;
    await expect(memory.getAll({ userId: 'ana', signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  it('a closed memory refuses calls, ends waits and frees its folder', async () => {
    const add = memory.add('I live in Oslo.', { userId: 'ana' });
    const ended = expect(add).rejects.toMatchObject({ code: 'closed', operation: 'add' });
    await memory.search('Oslo', { userId: 'ana' });
    await memory.close();
    await ended;

    await expect(memory.getAll({ userId: 'ana' })).rejects.toMatchObject({ code: 'closed' });
    memory = await createMemory({ dataDir: folder.file('data') });
    await expect(memory.getAll({ userId: 'ana' })).resolves.toMatchObject({
      results: [expect.objectContaining({ memory: expect.stringContaining('Oslo') })],
    });
  });
});
