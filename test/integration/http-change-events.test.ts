import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventKey } from '../../shared/domain/table/keys.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const store = async (content: string, user = 'alice'): Promise<string> => {
  const { body } = await service.client('POST /v3/memories/add/', {
    body: { ...say(content, user), infer: false },
  });
  return body.results[0].id;
};
const eventsOf = async (type: string) =>
  (await service.client(`GET /v1/events/?event_type=${type}`)).body.results;
const rename = (id: string, text: string) =>
  service.client(`PUT /v1/memories/${id}/`, { body: { text } });

describe('an update is an event', () => {
  it('the event of an update shows both texts and is over', async () => {
    const id = await store('I like tea');
    await rename(id, 'I like mate');

    const events = await eventsOf('UPDATE');

    expect(events).toMatchObject([
      {
        event_type: 'UPDATE',
        status: 'SUCCEEDED',
        user_id: 'alice',
        results: [
          {
            id,
            event: 'UPDATE',
            data: { memory: 'I like mate' },
            previous_memory: 'I like tea',
            user_id: 'alice',
          },
        ],
        latency: 0,
        error: null,
      },
    ]);
  });

  it('the event of an update can be looked up on both routes', async () => {
    const id = await store('I like tea');
    await rename(id, 'I like mate');
    const [{ id: event }] = await eventsOf('UPDATE');

    const shown = [`/v1/event/${event}/`, `/v1/events/${event}`].map((path) =>
      service.client(`GET ${path}`),
    );

    for (const { body } of await Promise.all(shown))
      expect(body).toMatchObject({ id: event, results: [{ id, memory: 'I like mate' }] });
  });

  it('a later update leaves the text of the earlier event as it was', async () => {
    const id = await store('I like tea');
    await rename(id, 'I like mate');
    await rename(id, 'I like cocoa');

    const texts = (await eventsOf('UPDATE')).map(
      ({ results }: { results: { memory: string }[] }) => results[0]?.memory,
    );

    expect(texts).toEqual(['I like cocoa', 'I like mate']);
  });

  it('an update that is refused is no event', async () => {
    await rename('01990000-0000-7000-8000-000000000000', 'I like mate');

    expect(await eventsOf('UPDATE')).toEqual([]);
  });

  it('a batch is one event with a result for each memory and its entities', async () => {
    const [tea, chess] = [await store('I like tea'), await store('I play chess', 'bob')];
    await service.client('PUT /v1/batch/', {
      body: {
        memories: [
          { memory_id: tea, text: 'I like mate' },
          { memory_id: chess, text: 'I play go' },
        ],
      },
    });

    const events = await eventsOf('UPDATE');

    expect(events).toMatchObject([
      {
        user_id: null,
        results: [
          { id: tea, memory: 'I like mate', user_id: 'alice' },
          { id: chess, memory: 'I play go', user_id: 'bob' },
        ],
      },
    ]);
  });

  it('the event of a corrected rough memory shows the turn as it reads now', async () => {
    await service.close();
    service = await openService({ refines: false });
    const added = await service.client('POST /v1/turns', { body: say('I like tea') });
    await rename(added.body.turn_id, 'I like mate');

    const events = await eventsOf('UPDATE');

    expect(events).toMatchObject([
      {
        turn_id: added.body.turn_id,
        payload: { messages: [{ content: 'I like mate' }] },
        results: [{ id: added.body.turn_id, event: 'UPDATE', memory: null }],
      },
    ]);
  });
});

describe('a deletion is an event', () => {
  it('the event of a deletion names the memory without its text', async () => {
    const id = await store('I like tea');
    await service.client(`DELETE /v1/memories/${id}/`);

    const events = await eventsOf('DELETE');

    expect(events).toMatchObject([
      { status: 'SUCCEEDED', user_id: 'alice', results: [{ id, event: 'DELETE', memory: null }] },
    ]);
  });

  it('a repeated deletion makes no second event', async () => {
    const id = await store('I like tea');
    await service.client(`DELETE /v1/memories/${id}/`);
    await service.client(`DELETE /v1/memories/${id}/`);

    expect(await eventsOf('DELETE')).toHaveLength(1);
  });

  it('a batch of deletions is one event', async () => {
    const ids = [await store('I like tea'), await store('I play chess')];
    await service.client('DELETE /v1/batch/', {
      body: { memories: ids.map((id) => ({ memory_id: id })) },
    });

    const events = await eventsOf('DELETE');

    expect(events).toMatchObject([{ results: ids.map((id) => ({ id, event: 'DELETE' })) }]);
  });

  it('the deletion of a rough memory is an event besides the cancelled one', async () => {
    await service.close();
    service = await openService({ refines: false });
    const { body } = await service.client('POST /v1/turns', { body: say('I like tea') });
    await service.client(`DELETE /v1/memories/${body.turn_id}/`);

    const { results } = (await service.client('GET /v1/events/')).body;

    expect(results).toMatchObject([
      { event_type: 'DELETE', results: [{ id: body.turn_id, event: 'DELETE' }] },
      { event_type: 'ADD', status: 'CANCELLED' },
    ]);
  });

  it('the deletion of a message names it and the memory drawn from it', async () => {
    const { body } = await service.client('POST /v1/turns', {
      body: {
        user_id: 'alice',
        messages: ['I like tea', 'How are you?'].map((content) => ({ role: 'user', content })),
      },
    });
    const { results } = await finalEvent(service.client, body.event_id);
    await service.client(`DELETE /v1/memories/${body.turn_id}.m1/`);
    await service.client(`DELETE /v1/memories/${body.turn_id}.m0/`);

    const events = await eventsOf('DELETE');

    const ids = events.map((event: { results: { id: string }[] }) =>
      event.results.map(({ id }) => id),
    );
    expect(ids).toEqual([[`${body.turn_id}.m0`, results[0].id], [`${body.turn_id}.m1`]]);
  });

  it.each([
    ['the memory is deleted', (id: string) => `DELETE /v1/memories/${id}/`],
    ['the user is deleted', () => 'DELETE /v2/entities/user/alice/'],
    ['all memories of the user are deleted', () => 'DELETE /v1/memories/?user_id=alice'],
  ])('an update shows no texts once %s', async (_, deletion) => {
    const id = await store('I like tea');
    await rename(id, 'I like mate');
    await service.client(deletion(id));

    const [update] = await eventsOf('UPDATE');

    expect(update.results).toMatchObject([{ id, event: 'UPDATE', memory: null }]);
    expect(JSON.stringify(update)).not.toMatch(/tea|mate/);
  });
});

it('a key without the permission to read sees no text of an update', async () => {
  const id = await store('I like tea');
  await rename(id, 'I like mate');
  const [{ id: event }] = await eventsOf('UPDATE');
  const writer = await service.clientOf('default', ['write']);

  const { status, body } = await writer(`POST /v1/events/${event}/cancel`);

  expect([status, body.code]).toEqual([409, 'event_final']);
  expect(JSON.stringify(body)).not.toContain('mate');
});

it('an event of a change expires like every other', async () => {
  const id = await store('I like tea');
  await rename(id, 'I like mate');
  const [{ id: event }] = await eventsOf('UPDATE');
  const { project_id: project } = (await service.client('GET /v1/ping/')).body;

  const item = await service.platform.store.get(eventKey(project, event));

  const days = service.platform.policy.retainEventsDays;
  expect(item?.expiresAt).toBe((item?.completedAt ?? 0) + days * 86_400_000);
});
