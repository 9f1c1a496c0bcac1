import { afterEach, expect, it } from 'vitest';
import {
  type Client,
  finalEvent,
  openService,
  type TestService,
} from '../../support/in-memory-service.ts';

let service: TestService | undefined;
afterEach(() => service?.close());

const keep = async (client: Client, texts: readonly string[]): Promise<void> => {
  const messages = texts.map((content) => ({ role: 'user', content }));
  const body = { messages, user_id: 'alice', infer: false, dedupe: false };
  const { status } = await client('POST /v3/memories/add/', { body });
  expect(status).toBe(200);
};

const create = async (client: Client): Promise<string> => {
  const schema = { properties: { memory: { type: 'string' } } };
  const body = { schema, filters: { user_id: 'alice' } };
  return (await client('POST /v1/exports/', { body })).body.id;
};

it('an export of memories that are too long together fails, says so, and leaves no text', async () => {
  service = await openService();
  const { client } = service;
  for (let turn = 0; turn < 13; turn++)
    await keep(
      client,
      Array.from({ length: 5 }, (_, n) => `${turn} ${n} ${'x'.repeat(45_000)}`),
    );

  const event = await finalEvent(client, await create(client));

  expect(event).toMatchObject({
    status: 'FAILED',
    error: { code: 'export_too_large', message: expect.stringContaining('Narrow the filters.') },
  });
  const parts = service.platform.store.query({
    kind: 'EXPORT_PART',
    pk: `R#${(await client('GET /v1/ping')).body.project_id}#${event.id}`,
    prefix: 'EXPORT_PART#',
  });
  expect((await parts).items).toEqual([]);
}, 60_000);

it('more exports than run at once are refused until one has ended', async () => {
  service = await openService({ refines: false });
  const { client, platform } = service;
  Object.assign(platform.policy.quotas, { derivations: 2 });
  await create(client);
  await create(client);

  const { status, body, headers } = await client('POST /v1/exports/', {
    body: { schema: { properties: { memory: {} } }, filters: { user_id: 'alice' } },
  });

  expect({ status, code: body.code }).toEqual({ status: 429, code: 'too_many_jobs' });
  expect(headers.get('retry-after')).toBe('5');
});

it('a profile whose arrays repeat long memories fails once, and is not built first', async () => {
  service = await openService();
  const client = await service.clientOf('default', ['read', 'write', 'admin']);
  await keep(
    client,
    Array.from({ length: 10 }, (_, n) => `${n} ${'x'.repeat(20_000)}`),
  );
  const list = {
    type: 'array',
    items: { type: 'object', properties: { memory: { type: 'string' } } },
  };
  const names = Array.from({ length: 24 }, (_, n) => [`list${n}`, list]);
  const schema = { type: 'object', properties: Object.fromEntries(names) };
  await client('POST /v2/profiles/settings', { body: { entities: { user: { schema } } } });

  const { body } = await client('POST /v2/profiles/jobs/', {
    body: { operation: 'trigger', entity_type: 'user', entity_id: 'alice' },
  });
  await finalEvent(client, body.job_id);
  const profile = await client('GET /v2/entities/user/alice/profile/');

  expect(profile.body).toMatchObject({ status: 'failed', error: expect.anything() });
});

it('an export whose arrays repeat memories has parts that fit an item', async () => {
  service = await openService();
  const { client } = service;
  await keep(
    client,
    Array.from({ length: 10 }, (_, n) => `${n} ${'x'.repeat(20_000)}`),
  );
  const list = {
    type: 'array',
    items: { type: 'object', properties: { memory: { type: 'string' } } },
  };
  const schema = { properties: { one: list, two: list, three: list } };
  const { body } = await client('POST /v1/exports/', {
    body: { schema, filters: { user_id: 'alice' } },
  });

  const event = await finalEvent(client, body.id);
  const exported = await client('POST /v1/exports/get/', { body: { memory_export_id: body.id } });

  expect(event.status).toBe('SUCCEEDED');
  expect(exported.body.three).toHaveLength(10);
}, 60_000);

it.each([
  ['POST /v1/exports/', (schema: object) => ({ schema, filters: { user_id: 'alice' } })],
  ['POST /v2/profiles/settings', (schema: object) => ({ entities: { user: { schema } } })],
])('a reference that is not well-formed is refused: %s', async (route, bodyOf) => {
  service = await openService();
  const schema = {
    type: 'object',
    properties: { a: { $ref: '#/$defs/%' } },
    $defs: { x: {} },
  };

  const client = await service.clientOf('default', ['read', 'write', 'admin']);

  const { status, body } = await client(route, { body: bodyOf(schema) });

  expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_request' });
});

it.each([
  ['POST /v1/exports/', (schema: object) => ({ schema, filters: { user_id: 'alice' } })],
  ['POST /v2/profiles/settings', (schema: object) => ({ entities: { user: { schema } } })],
])('a schema whose references repeat a long definition is refused: %s', async (route, bodyOf) => {
  service = await openService();
  const long = Array.from({ length: 90 }, (_, n) => `${n} ${'x'.repeat(150)}`);
  const names = Array.from({ length: 90 }, (_, n) => [`p${n}`, { $ref: '#/$defs/Long' }]);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(names),
    $defs: { Long: { enum: long } },
  };

  const client = await service.clientOf('default', ['read', 'write', 'admin']);

  const { status, body } = await client(route, { body: bodyOf(schema) });

  expect(status).toBe(400);
  expect(body.field).toContain('schema');
  expect(body.message).toContain('must not be larger than 40 kB with its references replaced');
});

it.each(['{"properties":{"a\\u0000b":{}}}', '{"properties":{"\\ud800":{}}}'])(
  'a schema that is text follows the rules of bodies: %s',
  async (schema) => {
    service = await openService();

    const { status } = await service.client('POST /v1/exports/', {
      body: { schema, filters: { user_id: 'alice' } },
    });

    expect(status).toBe(400);
  },
);

it('one long memory does not empty a summary', async () => {
  service = await openService();
  const { client } = service;
  await keep(client, ['I live in Oslo.', 'x'.repeat(9_500)]);

  const { body } = await client('POST /v1/summary', { body: { filters: { user_id: 'alice' } } });

  expect(body.summary).toContain('I live in Oslo.');
});
