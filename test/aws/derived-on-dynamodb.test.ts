import { paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import type { Store } from '../../shared/ports/store.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let store: Store;
let service: TestService;
let textsLeft: (word: string) => Promise<string[]>;
beforeAll(async () => {
  const clock = systemClock;
  const table = await openTable();
  store = createDynamoDbStore({ ...table, clock, ids: createIds(clock) });
  service = await openService({ store });
  textsLeft = async (word) => {
    const found: string[] = [];
    const pages = paginateScan({ client: table.client }, { TableName: table.table });
    for await (const { Items = [] } of pages)
      for (const item of Items)
        if (JSON.stringify(item).includes(word)) found.push(String(item['sk']?.S));
    return found;
  };
});
afterAll(async () => {
  await service.close();
  await store.close();
});

const schema = { properties: { memories: { type: 'array', items: { type: 'string' } } } };

const remember = async (text: string, user: string): Promise<string> => {
  const body = { ...say(text, user), infer: false };
  return (await service.client('POST /v3/memories/add/', { body })).body.results[0].id;
};

/** Makes an export and the profile of a user. Returns the id of the export. */
const derive = async (user: string): Promise<string> => {
  const { client } = service;
  const body = { schema, filters: { user_id: user } };
  const { id } = (await client('POST /v1/exports/', { body })).body;
  const job = { operation: 'trigger', entity_type: 'user', entity_id: user };
  const { event_id: generation } = (await client('POST /v2/profiles/jobs/', { body: job })).body;
  for (const event of [id, generation])
    expect(await finalEvent(client, event)).toMatchObject({ status: 'SUCCEEDED' });
  return id;
};

const exported = (id: string) =>
  service.client('POST /v1/exports/get/', { body: { memory_export_id: id } });

const profileOf = async (user: string) =>
  (await service.client(`GET /v2/entities/user/${user}/profile/`)).body;

it('on DynamoDB an export of several parts has every memory, newest first', async () => {
  const texts = Array.from({ length: 130 }, (_, n) => `Heron number ${n}.`);
  const messages = texts.map((content) => ({ role: 'user', content }));
  await service.client('POST /v3/memories/add/', {
    body: { messages, user_id: 'many', infer: false },
  });

  const id = await derive('many');

  const { memories } = (await exported(id)).body;
  expect([...memories].sort()).toEqual([...texts].sort());
  expect((await profileOf('many')).status).toBe('succeeded');
});

it('on DynamoDB no text is left of an export and a profile once their memory is deleted', async () => {
  const memory = await remember('My desk is near zqderived.', 'one');
  const id = await derive('one');
  const before = await textsLeft('zqderived');

  await service.client(`DELETE /v1/memories/${memory}/`);

  expect(before).toEqual(expect.arrayContaining(['PROFILE', 'EXPORT_PART#0001']));
  expect(await textsLeft('zqderived')).toEqual([]);
  expect((await exported(id)).body.code).toBe('export_erased');
  expect((await profileOf('one')).profile).toEqual({});
});

it('on DynamoDB no text is left of an export and a profile once a delete-all has succeeded', async () => {
  await remember('My desk is near zqforgotten.', 'two');
  const id = await derive('two');

  const { body } = await service.client('DELETE /v1/memories/?user_id=two');
  const atOnce = await exported(id);
  await finalEvent(service.client, body.event_id);

  expect(atOnce.status).toBe(404);
  expect(await textsLeft('zqforgotten')).toEqual([]);
});
