import { afterEach, describe, expect, it } from 'vitest';
import { createFillingModel } from '../../support/filling-model.ts';
import {
  type Answer,
  type Client,
  finalEvent,
  openService,
  say,
  type TestService,
} from '../../support/in-memory-service.ts';

let service: TestService | undefined;
afterEach(() => service?.close());

const rows = {
  type: 'object',
  properties: {
    memories: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          memory: { type: 'string' },
          user_id: { type: 'string' },
          created_at: { type: 'string' },
          mood: { type: 'string' },
        },
      },
    },
  },
};

const open = async (): Promise<Client> => {
  service = await openService();
  return service.client;
};

const remember = async (client: Client, ...texts: string[]): Promise<string[]> => {
  const ids: string[] = [];
  for (const text of texts) {
    const body = { ...say(text), infer: false, metadata: { mood: 'calm' } };
    ids.push((await client('POST /v3/memories/add/', { body })).body.results[0].id);
  }
  return ids;
};

const create = async (client: Client, body: object): Promise<string> => {
  const { status, body: started } = await client('POST /v1/exports/', { body });
  expect(status, JSON.stringify(started)).toBe(201);
  await finalEvent(client, started.id);
  return started.id;
};

const get = (client: Client, body: object): Promise<Answer> =>
  client('POST /v1/exports/get/', { body });

const alice = { user_id: 'alice' };

describe('exports', () => {
  it('an export has the asked-for fields of all memories, newest first', async () => {
    const client = await open();
    await remember(client, 'I like tea.', 'I own a boat.');

    const id = await create(client, { schema: rows, filters: alice });

    const { status, body } = await get(client, { memory_export_id: id });
    expect(status).toBe(200);
    expect(body.memories.map(({ memory }: { memory: string }) => memory)).toEqual([
      'I own a boat.',
      'I like tea.',
    ]);
    expect(Object.keys(body.memories[0])).toEqual(['memory', 'user_id', 'created_at', 'mood']);
    expect(body.memories[0]).toMatchObject({ user_id: 'alice', mood: 'calm' });
  });

  it('a schema may be JSON text', async () => {
    const client = await open();
    await remember(client, 'I like tea.');

    const id = await create(client, { schema: JSON.stringify(rows), filters: alice });

    const { body } = await get(client, { memory_export_id: id });
    expect(body.memories).toMatchObject([{ memory: 'I like tea.' }]);
  });

  it.each([
    ['a word', 'rows'],
    ['a list', '[]'],
    ['an object without keys', '{}'],
    ['brackets without end', '['.repeat(10_000)],
    ['deeply nested', '{"type":'.repeat(50)],
    ['too long', 'x'.repeat(30_000)],
  ])('a schema that is the text of %s is refused', async (_, schema) => {
    const client = await open();

    const refused = await client('POST /v1/exports/', { body: { schema, filters: alice } });

    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('a schema with the fields of one memory is answered with a list of memories', async () => {
    const client = await open();
    await remember(client, 'I like tea.');

    const id = await create(client, {
      schema: { properties: { memory: { type: 'string' }, categories: { type: 'array' } } },
      filters: alice,
    });

    const { body } = await get(client, { memory_export_id: id });
    const categories = expect.arrayContaining(['food']);
    expect(body).toEqual({ memories: [{ memory: 'I like tea.', categories }] });
  });

  it('without a model other properties have the value that a memory states, or null', async () => {
    const client = await open();
    await remember(client, 'The favourite drink is green tea.', 'My shoe size is 43.');

    const id = await create(client, {
      schema: {
        $defs: { Kind: { type: 'string', enum: ['tea', 'coffee'] } },
        properties: {
          drink: { anyOf: [{ type: 'string' }, { type: 'null' }], title: 'favourite drink' },
          kind: { $ref: '#/$defs/Kind', description: 'favourite drink' },
          shoe_size: { type: 'integer' },
          is_sailor: { type: 'boolean', description: 'favourite drink' },
          pets: { type: 'string', description: 'zebra crocodile' },
          drinks: { type: 'array', items: { type: 'string' }, description: 'favourite drink' },
        },
      },
      filters: { AND: [alice] },
    });

    const { body } = await get(client, { memory_export_id: id });
    expect(body).toEqual({
      drink: 'green tea',
      kind: 'tea',
      shoe_size: 43,
      is_sailor: null,
      pets: null,
      drinks: ['green tea'],
    });
  });

  it('the newest export of equal filters is found by them', async () => {
    const client = await open();
    await remember(client, 'I like tea.');
    await create(client, { schema: { properties: { pets: {} } }, filters: alice });
    await create(client, { schema: rows, filters: { userId: 'alice' } });

    const { body } = await get(client, { filters: alice });

    expect(body.memories).toHaveLength(1);
  });

  it('a lookup right after the start waits for the export', async () => {
    const client = await open();
    await remember(client, 'I like tea.');
    const started = await client('POST /v1/exports/', { body: { schema: rows, filters: alice } });

    const { status, body } = await get(client, { memory_export_id: started.body.id });

    expect(status).toBe(200);
    expect(body.memories).toMatchObject([{ memory: 'I like tea.' }]);
  });

  it('an export that is not ready says so, and its event reports the progress', async () => {
    service = await openService({ refines: false });
    const { client } = service;
    const { body: started } = await client('POST /v1/exports/', {
      body: { schema: rows, filters: alice },
    });

    const waiting = await get(client, { memory_export_id: started.id });
    const event = await client(`GET /v1/event/${started.id}/`);

    expect(waiting).toMatchObject({ status: 409, body: { code: 'export_not_ready' } });
    expect(waiting.headers.get('retry-after')).toBe('1');
    expect(event.body).toMatchObject({ event_type: 'EXPORT', status: 'PENDING' });
  });

  it('the event of an export names its only user, and the instructions that no model could follow', async () => {
    const client = await open();
    await remember(client, 'I like tea.');
    const schema = { properties: { drink: { type: 'string' } } };
    const body = { schema, filters: { AND: [alice] }, export_instructions: 'Be brief.' };

    const { body: started } = await client('POST /v1/exports/', { body });
    const event = await finalEvent(client, started.id);

    expect(event).toMatchObject({ user_id: 'alice', ignored: ['export_instructions'] });
  });

  it('an export of no memories has every property, empty', async () => {
    const client = await open();

    const id = await create(client, { schema: rows, filters: { user_id: 'nobody-yet' } });

    expect((await get(client, { memory_export_id: id })).body).toEqual({ memories: [] });
  });

  it('the 21st export of a project replaces the oldest', async () => {
    const client = await open();
    const first = await create(client, { schema: rows, filters: alice });

    for (let n = 0; n < 20; n++) await create(client, { schema: rows, filters: alice });

    expect(await get(client, { memory_export_id: first })).toMatchObject({
      status: 404,
      body: { code: 'export_not_found' },
    });
    const kept = await get(client, { filters: alice });
    expect(kept.status).toBe(200);
  });

  it('an export of another project is not found', async () => {
    const client = await open();
    const id = await create(client, { schema: rows, filters: alice });
    const other = (await service?.clientOf('other')) ?? client;

    const byId = await get(other, { memory_export_id: id });
    const byFilters = await get(other, { filters: alice });

    for (const answer of [byId, byFilters])
      expect(answer).toMatchObject({
        status: 404,
        body: { error: 'No memory export request found' },
      });
  });

  it.each([
    [{ filters: alice }, 'schema', 'Schema is required and must be a valid object'],
    [{ filters: alice, schema: [] }, 'schema', 'Schema is required and must be a valid object'],
    [{ filters: alice, schema: { type: 'array' } }, 'schema', 'schema must describe an object'],
    [
      { filters: alice, schema: { properties: { a: { $ref: '#/$defs/None' } } } },
      'schema',
      'schema has a $ref to a definition that it does not have.',
    ],
    [{ schema: rows }, 'user_id', 'One of the filters:'],
    [{ schema: rows, filters: { text: 'tea' } }, 'filters', 'filters must restrict'],
  ])('the request %j is refused', async (body, field, sentence) => {
    const client = await open();

    const { status, body: answer } = await client('POST /v1/exports/', { body });

    expect(status).toBe(400);
    expect(answer.field).toBe(field);
    expect(answer.message).toContain(sentence);
    expect(answer.error).toBe(answer.message);
  });

  it('a model fills the schema in batches, follows the instructions, and its answer is made to fit', async () => {
    const model = createFillingModel();
    service = await openService({ languageModel: model });
    const { client } = service;
    await remember(client, `Newer: ${'x'.repeat(900)}`, 'I like tea.');
    model.fills(
      { drink: 'tea', age: 'no number', unasked: 1 },
      { drink: 'coffee', age: 31, langs: ['en', 'en'] },
    );

    const id = await create(client, {
      schema: {
        properties: {
          drink: { type: 'string' },
          age: { type: 'integer' },
          langs: { type: 'array', items: { type: 'string' } },
        },
      },
      export_instructions: 'Be exact.',
      filters: alice,
    });

    const { body } = await get(client, { memory_export_id: id });
    expect(body).toEqual({ drink: 'tea', age: 31, langs: ['en'] });
    expect(model.asked.map(({ instructions }) => instructions)).toEqual(['Be exact.', 'Be exact.']);
    expect(model.asked.map(({ memories }) => memories.length)).toEqual([1, 1]);
  });

  it('a model without a usable answer ends the export as failed, with the reason', async () => {
    const model = createFillingModel();
    service = await openService({ languageModel: model });
    const { client } = service;
    await remember(client, 'I like tea.');

    const id = await create(client, { schema: { properties: { a: {} } }, filters: alice });

    expect((await client(`GET /v1/event/${id}/`)).body).toMatchObject({
      status: 'FAILED',
      error_detail: { code: 'model_invalid_answer' },
    });
    expect(await get(client, { memory_export_id: id })).toMatchObject({
      status: 409,
      body: { code: 'export_failed' },
    });
  });
});
