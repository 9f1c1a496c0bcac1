import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const store = async (content: string, options: object = {}): Promise<string> => {
  const { body } = await service.client('POST /v3/memories/add/', {
    body: { ...say(content), infer: false, ...options },
  });
  return body.results[0].id;
};
const listed = async (filters: object): Promise<string[]> => {
  const { body } = await service.client('POST /v3/memories/', { body: { filters } });
  return body.results.map(({ memory }: { memory: string }) => memory);
};
const unknownId = '01990000-0000-7000-8000-000000000000';

describe('an update', () => {
  it('an update changes the given fields and keeps the rest', async () => {
    const id = await store('I like tea', { metadata: { a: 1 }, expiration_date: '2999-01-01' });

    const changed = await service.client(`PUT /v1/memories/${id}/`, {
      body: { text: 'I like mate' },
    });
    const cleared = await service.client(`PUT /v1/memories/${id}/`, {
      body: { metadata: { b: 2 }, expiration_date: null },
    });

    expect(changed.body).toMatchObject({
      id,
      memory: 'I like mate',
      metadata: { a: 1 },
      expiration_date: '2999-01-01',
      user_id: 'alice',
    });
    expect(cleared.body).toMatchObject({ memory: 'I like mate', expiration_date: null });
    expect(cleared.body.metadata).toMatchObject({ b: 2 });
  });

  it('an update is visible to the very next search', async () => {
    const id = await store('I like tea');
    await service.client(`PUT /v1/memories/${id}/`, { body: { text: 'I adore chess' } });

    const found = await service.client('POST /v3/memories/search/', {
      body: { query: 'chess', filters: { user_id: 'alice' } },
    });

    expect(found.body.results).toMatchObject([{ id, memory: 'I adore chess' }]);
  });

  it.each([
    [{}, 'needs at least one of text, metadata, timestamp, expiration_date'],
    [{ text: ' ' }, 'text must not be blank.'],
    [{ text: 7 }, 'text must be a string.'],
    [{ expiration_date: 'tomorrow' }, 'expiration_date must be a date'],
  ])('an update with %j is rejected', async (body, sentence) => {
    const answer = await service.client(`PUT /v1/memories/${await store('x')}/`, { body });

    expect(answer.status).toBe(400);
    expect(answer.body.detail).toContain(sentence);
  });

  it('an update of an immutable memory is rejected', async () => {
    const id = await store('I like tea', { immutable: true });

    const answer = await service.client(`PUT /v1/memories/${id}/`, { body: { text: 'No' } });

    expect(answer).toMatchObject({ status: 400, body: { code: 'memory_immutable' } });
  });

  it('an update of a rough memory corrects the words that are refined', async () => {
    const waiting = await openService({ refines: false });
    const { body } = await waiting.client('POST /v1/turns', { body: say('I like tea') });

    const corrected = await waiting.client(`PUT /v1/memories/${body.turn_id}/`, {
      body: { text: 'I like mate' },
    });
    waiting.refine();
    await finalEvent(waiting.client, body.event_id);
    const refined = await waiting.client(`GET /v1/memories/${body.turn_id}/`);
    await waiting.close();

    expect(corrected.body).toMatchObject({ type: 'rough', memory: 'user: I like mate' });
    expect(refined.body).toMatchObject({ type: 'refined', memory: 'Learnt: I like mate' });
  });
});

it('the history of a memory that was kept word for word has every change and its source', async () => {
  const id = await store('I like tea', { run_id: 'r' });
  await service.client(`PUT /v1/memories/${id}/`, { body: { text: 'I like mate' } });

  const { body } = await service.client(`GET /v1/memories/${id}/history/`);

  expect(body).toMatchObject([
    {
      memory_id: id,
      event: 'ADD',
      old_memory: null,
      new_memory: 'I like tea',
      input: [{ role: 'user', content: 'I like tea' }],
      user_id: 'alice',
      run_id: 'r',
      session_id: 'r',
      categories: ['food', 'user_preferences'],
      metadata: {},
    },
    { memory_id: id, event: 'UPDATE', old_memory: 'I like tea', new_memory: 'I like mate' },
  ]);
  expect(new Set(body.map(({ id }: { id: string }) => id)).size).toBe(2);
});

describe('a delete', () => {
  it('a delete removes one memory for good', async () => {
    const [id, other] = [await store('I like tea'), await store('I like chess')];

    const deleted = await service.client(`DELETE /v1/memories/${id}/`);
    const linked = await service.client(`DELETE /v1/memories/${other}/?delete_linked=true`);

    expect(deleted.body).toEqual({ message: 'Memory deleted successfully!' });
    expect(linked.body).toEqual({ message: 'Memory deleted successfully!', cascade_count: 0 });
    expect(await listed({ user_id: 'alice' })).toEqual([]);
    expect((await service.client(`GET /v1/memories/${id}/`)).status).toBe(404);
    expect((await service.client(`DELETE /v1/memories/${id}/`)).status).toBe(404);
  });

  it('a delete of a rough memory cancels its refinement', async () => {
    const waiting = await openService({ refines: false });
    const { body } = await waiting.client('POST /v1/turns', { body: say('I like tea') });

    await waiting.client(`DELETE /v1/memories/${body.turn_id}/`);
    const event = await waiting.client(`GET /v1/events/${body.event_id}`);
    await waiting.close();

    expect(event.body).toMatchObject({ status: 'CANCELLED' });
    expect(JSON.stringify(event.body)).not.toContain('tea');
  });
});

describe('a delete-all', () => {
  const fill = async () => {
    await store('alice in one', { run_id: 'one' });
    await store('alice in two', { run_id: 'two' });
    await store('alice anywhere');
    await store('bob', { user_id: 'bob' });
  };
  const everything = () => listed({ user_id: '*' });

  it.each([
    ['nothing', ''],
    ['filters alone', '?filters=%7B%27user_id%27%3A+%27alice%27%7D'],
    ['filters beside an id', '?user_id=alice&filters=%7B%7D'],
    ['metadata that is no JSON', '?user_id=alice&metadata=x'],
    ['metadata that is no object', '?user_id=alice&metadata=%5B1%5D'],
    ['empty metadata', '?user_id=alice&metadata=%7B%7D'],
    ['metadata alone', '?metadata=%7B%22a%22%3A1%7D'],
    ['a date beside an id', '?user_id=alice&start_date=2026-01-01'],
    [
      'metadata of many values',
      `?user_id=alice&metadata=${JSON.stringify({ a: Array(20).fill(1) })}`,
    ],
    ['large metadata', `?user_id=alice&metadata=${JSON.stringify({ a: 'x'.repeat(2_000) })}`],
    ['an empty id', '?user_id='],
    ['an empty id beside another', '?user_id=&run_id=one'],
    ['the same id twice', '?user_id=alice&user_id=bob'],
    ['ids that are no scope', '?org_id=o&project_id=p&source=CLI'],
  ])('a delete-all by %s is answered with 400 and deletes nothing', async (_, query) => {
    await fill();

    const answer = await service.client(`DELETE /v1/memories/${query}`);

    expect(answer.status).toBe(400);
    expect(await everything()).toHaveLength(4);
  });

  it('a delete-all hides all matching memories at once, and its event counts them', async () => {
    await fill();

    const { status, body } = await service.client('DELETE /v1/memories/?user_id=alice&run_id=*');
    const left = await everything();
    const event = await finalEvent(service.client, body.event_id);

    expect(status).toBe(200);
    expect(body).toEqual({
      message: 'Delete in progress. This may take some time.',
      event_id: expect.any(String),
    });
    expect(left.toSorted()).toEqual(['alice anywhere', 'bob']);
    expect(event).toMatchObject({
      event_type: 'DELETE_ALL',
      status: 'SUCCEEDED',
      counts: { memories: 2 },
    });
  });

  it('a delete-all by metadata deletes only what has every given value, whatever the order of keys', async () => {
    const at = { lat: 1, lon: 2 };
    await store('in Rome', { metadata: { at, source: 'trip' } });
    await store('in Oslo', { metadata: { at: { lat: 9, lon: 9 }, source: 'trip' } });
    await store('at home', { metadata: { at } });
    const metadata = encodeURIComponent('{"source":"trip","at":{"lon":2,"lat":1}}');

    const { body } = await service.client(`DELETE /v1/memories/?user_id=*&metadata=${metadata}`);
    const left = await everything();
    const event = await finalEvent(service.client, body.event_id);

    expect(left.toSorted()).toEqual(['at home', 'in Oslo']);
    expect(event).toMatchObject({ status: 'SUCCEEDED', counts: { memories: 1 } });
    expect((await everything()).toSorted()).toEqual(['at home', 'in Oslo']);
  });

  it('a delete-all accepts ids with blanks and slashes', async () => {
    await store('spaced', { user_id: 'al ice/1' });

    await service.client('DELETE /v1/memories/?user_id=al+ice%2F1&source=CLI');

    expect(await everything()).toEqual([]);
  });

  it('a delete-all by four stars empties the project, and no other', async () => {
    await fill();
    const other = await service.clientOf('other');
    await other('POST /v3/memories/add/', { body: { ...say('stays'), infer: false } });

    await service.client('DELETE /v1/memories/?user_id=*&agent_id=*&app_id=*&run_id=*');
    const kept = await other('POST /v3/memories/', { body: { filters: { user_id: '*' } } });

    expect(await everything()).toEqual([]);
    expect(kept.body.count).toBe(1);
  });
});

describe('a batch', () => {
  it('a batch updates and deletes several memories, with an outcome for each', async () => {
    const [first, second] = [await store('one'), await store('two')];

    const updated = await service.client('PUT /v1/batch/', {
      body: {
        memories: [
          { memory_id: first, text: 'uno' },
          { memory_id: second, metadata: { n: 2 } },
          { memory_id: unknownId, text: 'x' },
        ],
      },
    });
    const texts = await listed({ user_id: 'alice' });
    const deleted = await service.client('DELETE /v1/batch/', {
      body: { memories: [{ memory_id: { memory_id: first } }, { memory_id: second }] },
    });

    expect(updated.body.message).toBe('Successfully updated 2 memories');
    expect(updated.body.results[2]).toEqual({ memory_id: unknownId, outcome: 'not_found' });
    expect(texts.toSorted()).toEqual(['two', 'uno']);
    expect(deleted.body.message).toBe('Successfully deleted 2 memories');
    expect(await listed({ user_id: 'alice' })).toEqual([]);
  });

  it.each([
    ['PUT', { memories: [{ memory_id: unknownId }] }, 'memories[0] needs a text or metadata.'],
    ['PUT', { memories: [{ memory_id: 'x', text: 'y' }] }, 'should be a valid UUID'],
    ['DELETE', {}, 'memories is required.'],
    [
      'DELETE',
      { memories: Array.from({ length: 1_001 }, () => ({ memory_id: unknownId })) },
      'Maximum of 1000 memories can be deleted in a single request',
    ],
  ])('a batch %s with an invalid body is rejected (%#)', async (method, body, sentence) => {
    const answer = await service.client(`${method} /v1/batch/`, { body });

    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(sentence);
  });
});
