import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent, say } from '../../support/in-memory-service.ts';
import { idOf, payloadOf, typeOf } from '../../support/webhook-receiver.ts';
import {
  eventually,
  openWebhookService,
  type WebhookService,
} from '../../support/webhook-service.ts';

let service: WebhookService;
beforeEach(async () => {
  service = await openWebhookService();
});
afterEach(() => service.close());

const add = async (text: string, user = 'ana'): Promise<string> =>
  (await service.client('POST /v1/turns', { body: say(text, user) })).body.event_id;

describe('polling', () => {
  it('polling returns the posted notifications from a cursor on, also when nothing is new', async () => {
    const { client, receiver } = service;
    await service.register();
    const start = (await client('GET /v1/notifications')).body;

    await finalEvent(client, await add('I like tea'));
    await receiver.arrive(3);
    const beyond = (cursor: string, limit = 100) =>
      eventually(
        client,
        `GET /v1/notifications?limit=${limit}&after=${encodeURIComponent(cursor)}`,
        ({ results }) => results.length > 0,
      );
    const all = await beyond(start.cursor);
    const one = await beyond(start.cursor, 1);
    const rest = await beyond(one.cursor);
    const none = (await client(`GET /v1/notifications?after=${encodeURIComponent(all.cursor)}`))
      .body;

    expect(start).toMatchObject({ results: [], next: null, cursor: expect.any(String) });
    const posted = receiver.received.map((each) => [idOf(each), payloadOf(each)]);
    const polled = all.results.map(({ id, payload }: { id: string; payload: object }) => [
      id,
      payload,
    ]);
    expect(polled).toHaveLength(3);
    expect(Object.fromEntries(polled)).toEqual(Object.fromEntries(posted));
    expect([...one.results, ...rest.results]).toEqual(all.results);
    expect(one.next).toContain('after=');
    expect(none).toMatchObject({ results: [], next: null, cursor: expect.any(String) });
  });

  it('polling works without an endpoint from the first poll on', async () => {
    const client = await service.clientOf('pollers');
    const start = (await client('GET /v1/notifications')).body;

    const { event_id: event } = (await client('POST /v1/turns', { body: say('I like tea') })).body;
    const { results } = await eventually(
      client,
      `GET /v1/notifications?after=${encodeURIComponent(start.cursor)}`,
      (body) => body.results.length === 3,
    );

    expect(results.map(({ type }: { type: string }) => type)).toEqual([
      'event.pending',
      'memory_add',
      'event.succeeded',
    ]);
    expect(results[0].payload.data.event_id).toBe(event);
    expect(service.receiver.received.map(typeOf)).toEqual([]);
  });
});
