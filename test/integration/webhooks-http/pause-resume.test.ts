import { afterEach, beforeEach, expect, it } from 'vitest';
import { finalEvent, say } from '../../support/in-memory-service.ts';
import { verified } from '../../support/verify-webhook.ts';
import { idOf, payloadOf } from '../../support/webhook-receiver.ts';
import {
  eventually,
  openWebhookService,
  settled,
  type WebhookService,
} from '../../support/webhook-service.ts';

let service: WebhookService;
beforeEach(async () => {
  service = await openWebhookService();
});
afterEach(() => service.close());

const add = async (text: string): Promise<string> =>
  (await service.client('POST /v1/turns', { body: say(text) })).body.event_id;

const deliveriesWith = (id: string, status: string, count: number) =>
  eventually(
    service.client,
    `GET /v1/endpoints/${id}/deliveries?status=${status}`,
    ({ results }) => results.length === count,
  );

it('deliveries of a paused endpoint are queued, spend no attempt, and are sent in order when resumed', async () => {
  const { client, receiver } = service;
  const { id } = await service.register({ event_types: ['event.pending'], ordered: true });
  await client(`POST /v1/endpoints/${id}/pause`);
  const events = [await add('one'), await add('two'), await add('three')];
  for (const event of events) await finalEvent(client, event);
  const [queued] = (await deliveriesWith(id, 'queued', 1)).results;

  const before = receiver.received.length;
  await client(`POST /v1/endpoints/${id}/resume`);
  await receiver.arrive(3);

  expect(before).toBe(0);
  expect(queued.attempt_count).toBe(0);
  expect(receiver.received.map((each) => payloadOf(each).data.event_id)).toEqual(events);
});

it('a 410 response disables the endpoint at once and notifies the others', async () => {
  const { client, receiver } = service;
  const gone = await service.register({ event_types: ['event.pending'] });
  const watch = await service.register({ event_types: ['endpoint.disabled'] });
  receiver.next({ status: 410 });

  await finalEvent(client, await add('one'));
  const [received] = await receiver.arrive(1, 'endpoint.disabled');
  await finalEvent(client, await add('two'));
  await deliveriesWith(gone.id, 'queued', 2);
  const { body: endpoint } = await client(`GET /v1/endpoints/${gone.id}`);

  expect(endpoint).toMatchObject({ status: 'disabled', status_reason: 'gone' });
  expect(received && verified(watch.secret, received)).toMatchObject({
    data: { endpoint_id: gone.id, url: receiver.url, reason: 'gone' },
  });
  expect(receiver.matching('event.pending')).toHaveLength(1);
});

it('a deleted endpoint gets nothing more, and its due deliveries are cancelled', async () => {
  const { client, receiver } = service;
  const { id } = await service.register({ event_types: ['event.pending'] });
  receiver.usually({ status: 500 });
  await add('I like tea');
  await receiver.arrive(1);
  const [{ id: delivery }] = (await client(`GET /v1/endpoints/${id}/deliveries`)).body.results;

  await client(`DELETE /v1/endpoints/${id}`);
  const done = await eventually(
    client,
    `GET /v1/deliveries/${delivery}`,
    ({ status }) => status === 'cancelled',
  );
  const resent = await client(`POST /v1/deliveries/${delivery}/resend`);

  expect(done.attempt_count).toBe(1);
  expect(resent).toMatchObject({ status: 409, body: { code: 'endpoint_gone' } });
  expect(receiver.received).toHaveLength(1);
});

it('a new URL is used from the next attempt on', async () => {
  const { client, receiver } = service;
  const { id } = await service.register({ event_types: ['event.pending'] });
  receiver.next({ status: 500 });
  await add('I like tea');
  await receiver.arrive(1);

  const body = { url: `http://${receiver.pair}/elsewhere` };
  await client(`PATCH /v1/endpoints/${id}`, { body });
  await receiver.arrive(2);

  expect(receiver.received.map(({ path }) => path)).toEqual(['/hooks', '/elsewhere']);
});

it('a recovery sends exhausted deliveries again under the same ids and shows its progress', async () => {
  const { client, receiver } = service;
  const { id } = await service.register({ event_types: ['memory_add'] });
  const since = new Date(Date.now() - 60_000).toISOString();
  receiver.usually({ status: 500 });
  for (const text of ['one', 'two', 'three']) await finalEvent(client, await add(text));
  await deliveriesWith(id, 'exhausted', 3);
  const failed = new Set(receiver.received.map(idOf));
  receiver.received.length = 0;
  receiver.usually({ status: 200 });

  const started = await client(`POST /v1/endpoints/${id}/recover`, { body: { since } });
  const done = await eventually(
    client,
    `GET /v1/endpoints/${id}/recover/${started.body.id}`,
    ({ status }) => status === 'succeeded',
  );
  await receiver.arrive(3);
  const deliveries = await settled(client, id);
  const { body: all } = await client(`GET /v1/endpoints/${id}/recover`);

  expect(started).toMatchObject({
    status: 202,
    body: { endpoint_id: id, which: 'failed', since, examined: 0, recovered: 0 },
  });
  expect(done).toMatchObject({ examined: 3, recovered: 3, completed_at: expect.any(String) });
  expect(all.results).toEqual([done]);
  expect(new Set(receiver.received.map(idOf))).toEqual(failed);
  expect(deliveries.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
});

it('a recovery sends notifications from before the endpoint was created', async () => {
  const { client, receiver } = service;
  const early = await service.register({ event_types: ['memory_add'] });
  await finalEvent(client, await add('one'));
  await settled(client, early.id);
  const late = await service.register({ event_types: ['memory_add'] });

  const body = { since: Math.floor(Date.now() / 1_000) - 60, which: 'missing' };
  await client(`POST /v1/endpoints/${late.id}/recover`, { body });
  await receiver.arrive(2);

  const [first, second] = receiver.received;
  expect(second && idOf(second)).toBe(first && idOf(first));
  expect(second && verified(late.secret, second)).toEqual(first && verified(early.secret, first));
});

it('a cancelled recovery shows its state and sends nothing more', async () => {
  const { client } = service;
  const { id } = await service.register({ event_types: ['memory_add'] });
  await client(`POST /v1/endpoints/${id}/pause`);

  const { body: started } = await client(`POST /v1/endpoints/${id}/recover`, {
    body: { since: 0 },
  });
  const cancelled = await client(`POST /v1/endpoints/${id}/recover/${started.id}/cancel`);
  const got = await client(`GET /v1/endpoints/${id}/recover/${started.id}`);

  expect(cancelled.status).toBe(200);
  expect(['cancelled', 'succeeded']).toContain(cancelled.body.status);
  expect(got.body).toEqual(cancelled.body);
});
