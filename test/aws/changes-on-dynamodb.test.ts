import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import type { Store } from '../../shared/ports/store.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let store: Store;
let service: TestService;
beforeAll(async () => {
  const clock = systemClock;
  store = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });
  service = await openService({ store });
});
afterAll(async () => {
  await service.close();
  await store.close();
});

const keep = async (content: string, user: string): Promise<string> => {
  const body = { ...say(content, user), infer: false };
  return (await service.client('POST /v3/memories/add', { body })).body.results[0].id;
};
const eventsOf = async (type: string) =>
  (await service.client(`GET /v1/events?event_type=${type}`)).body.results;

it('on DynamoDB an update, a batch and a deletion are events', async () => {
  const [one, two] = [await keep('I like tea.', 'ann'), await keep('I play chess.', 'ben')];
  await service.client(`PUT /v1/memories/${one}`, { body: { text: 'I like mate.' } });
  const memories = [one, two].map((memory_id) => ({ memory_id }));
  await service.client('DELETE /v1/batch', { body: { memories } });

  const [updates, deletions] = [await eventsOf('UPDATE'), await eventsOf('DELETE')];

  expect(updates).toMatchObject([
    { status: 'SUCCEEDED', user_id: 'ann', results: [{ id: one, memory: null }] },
  ]);
  expect(deletions).toMatchObject([
    {
      results: [
        { id: one, user_id: 'ann' },
        { id: two, user_id: 'ben' },
      ],
    },
  ]);
});

it('on DynamoDB concurrent updates with one idempotency key are one edit', async () => {
  const id = await keep('I like rain.', 'cleo');
  const send = () =>
    service.client(`PUT /v1/memories/${id}`, {
      body: { text: 'I like snow.' },
      headers: { 'Idempotency-Key': 'snow' },
    });

  const answers = await Promise.all([send(), send(), send()]);

  const history = await service.client(`GET /v1/memories/${id}/history`);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(history.body).toHaveLength(2);
});

it('on DynamoDB neither an edit nor feedback is lost when both are sent at once', async () => {
  const id = await keep('I like salt.', 'dora');

  await Promise.all([
    service.client(`PUT /v1/memories/${id}`, { body: { text: 'I like pepper.' } }),
    service.client('POST /v1/feedback', { body: { memory_id: id, feedback: 'NEGATIVE' } }),
  ]);

  expect((await service.client(`GET /v1/memories/${id}`)).body).toMatchObject({
    memory: 'I like pepper.',
    feedback: 'NEGATIVE',
  });
  expect((await service.client('GET /v1/stats')).body.feedback.NEGATIVE).toBe(1);
});

it('on DynamoDB a created user is listed until a deletion, and again once it is created anew', async () => {
  const create = (plan: string) =>
    service.client('POST /v1/users', { body: { user_id: 'emil', metadata: { plan } } });
  const plans = async (): Promise<string[]> => {
    const { results } = (await service.client('GET /v1/entities')).body;
    return results
      .filter(({ name }: { name: string }) => name === 'emil')
      .map(({ metadata }: { metadata: { plan: string } }) => metadata.plan);
  };
  await create('free');
  const created = await plans();
  const { body } = await service.client('DELETE /v2/entities/user/emil');
  const deleted = await plans();
  await create('pro');
  await finalEvent(service.client, body.event_id);

  expect([created, deleted, await plans()]).toEqual([['free'], [], ['pro']]);
});

it('on DynamoDB a search that is to be an event is one', async () => {
  const body = { query: 'tea', filters: { user_id: 'ann' }, event: true };
  const answer = await service.client('POST /v3/memories/search', { body });

  expect(await eventsOf('SEARCH')).toMatchObject([{ id: answer.body.event_id, user_id: 'ann' }]);
});
