import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent, say } from '../../support/in-memory-service.ts';
import { verified } from '../../support/verify-webhook.ts';
import { idOf, payloadOf } from '../../support/webhook-receiver.ts';
import { openWebhookService, settled, type WebhookService } from '../../support/webhook-service.ts';

let service: WebhookService;
beforeEach(async () => {
  service = await openWebhookService();
});
afterEach(() => service.close());

const add = async (text: string, user = 'ana'): Promise<string> =>
  (await service.client('POST /v1/turns', { body: say(text, user) })).body.event_id;

describe('a turn', () => {
  it('a turn is delivered from its acceptance to its end, each notification verified', async () => {
    const { receiver } = service;
    const { secret } = await service.register({ ordered: true });

    const event = await add('I like tea');
    await receiver.arrive(3);

    const posted = receiver.received.map((each) => verified(secret, each));
    expect(posted.map(({ type }) => type)).toEqual([
      'event.pending',
      'memory_add',
      'event.succeeded',
    ]);
    expect(posted.map(({ data }) => data.event_id)).toEqual([event, event, event]);
    expect(posted[1]).toMatchObject({
      timestamp: expect.stringMatching(/^\d{4}-/),
      data: { user_id: 'ana', new_text: 'Learnt: I like tea', metadata: {}, categories: [] },
      event_details: {
        id: posted[1].data.memory_id,
        data: { memory: 'Learnt: I like tea' },
        event: 'ADD',
      },
    });
    expect(new Set(receiver.received.map(idOf)).size).toBe(3);
  });

  it('a changed memory is delivered with its old and its new text', async () => {
    const { client, receiver } = service;
    const { secret } = await service.register({ event_types: ['memory_*'] });
    await add('I like tea');
    const [added] = await receiver.arrive(1);
    const memory = added && payloadOf(added).data.memory_id;

    await client(`PUT /v1/memories/${memory}/`, { body: { text: 'Ana likes coffee' } });
    const [updated] = await receiver.arrive(1, 'memory_update');
    await client(`DELETE /v1/memories/${memory}/`);
    const [deleted] = await receiver.arrive(1, 'memory_delete');

    expect(updated && verified(secret, updated)).toMatchObject({
      type: 'memory_update',
      data: {
        event_id: expect.any(String),
        memory_id: memory,
        new_text: 'Ana likes coffee',
        old_text: 'Learnt: I like tea',
      },
      event_details: { id: memory, data: { memory: 'Ana likes coffee' }, event: 'UPDATE' },
    });
    expect(deleted && verified(secret, deleted)).toMatchObject({
      data: { memory_id: memory },
      event_details: { id: memory, event: 'DELETE' },
    });
  });

  it('the notification of a change through the API names the event that reports the change', async () => {
    const { client, receiver } = service;
    await service.register({ event_types: ['memory_*'] });
    await add('I like tea');
    await add('I like juice');
    const memories = (await receiver.arrive(2)).map((one) => payloadOf(one).data.memory_id);
    const [first] = memories;

    await client(`PUT /v1/memories/${first}/`, { body: { text: 'Ana likes coffee' } });
    const [updated] = await receiver.arrive(1, 'memory_update');
    await client('DELETE /v1/batch/', {
      body: { memories: memories.map((id) => ({ memory_id: id })) },
    });
    const deleted = await receiver.arrive(2, 'memory_delete');

    const eventOf = async (id: string | undefined) => (await client(`GET /v1/event/${id}/`)).body;
    const update = await eventOf(updated && payloadOf(updated).data.event_id);
    expect(update).toMatchObject({ event_type: 'UPDATE', results: [{ id: first }] });
    const ids = new Set(deleted.map((one) => payloadOf(one).data.event_id));
    const results = await Promise.all([...ids].map(eventOf));
    expect(results.map((event) => event.event_type)).toEqual([...ids].map(() => 'DELETE'));
    expect(new Set(results.flatMap((event) => event.results).map(({ id }) => id))).toEqual(
      new Set(memories),
    );
  });

  it('a turn is delivered only to endpoints whose filters match', async () => {
    const { receiver } = service;
    const everything = await service.register();
    const bea = await service.register({ filters: { user_id: ['bea'] } });
    const ends = await service.register({ event_types: ['event.succeeded'] });
    const stranger = await service.register({}, await service.clientOf('strangers'));

    await finalEvent(service.client, await add('I like tea', 'ana'));
    await finalEvent(service.client, await add('I like juice', 'bea'));
    await receiver.arrive(6 + 3 + 2);
    const countOf = async ({ id }: { id: string }) =>
      (await settled(service.client, id)).map((each) => each.event_type).sort();

    const life = ['event.pending', 'event.succeeded', 'memory_add'];
    expect(await countOf(everything)).toEqual([...life, ...life].sort());
    expect(await countOf(bea)).toEqual(life);
    expect(await countOf(ends)).toEqual(['event.succeeded', 'event.succeeded']);
    expect(receiver.received).toHaveLength(11);
    const theirs = await service.clientOf('strangers');
    expect((await theirs(`GET /v1/endpoints/${stranger.id}/deliveries`)).body.results).toEqual([]);
  });

  it("a turn is delivered with the endpoint's custom headers", async () => {
    const { receiver } = service;
    await service.register({ headers: { 'X-Team': 'blue' }, event_types: ['event.pending'] });

    await add('I like tea');
    const [posted] = await receiver.arrive(1);

    expect(posted?.headers).toMatchObject({ 'x-team': 'blue', 'content-type': 'application/json' });
    expect(Object.keys(posted?.headers ?? {}).filter((name) => name.startsWith('svix'))).toEqual(
      [],
    );
  });
});
