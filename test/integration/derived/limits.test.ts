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
