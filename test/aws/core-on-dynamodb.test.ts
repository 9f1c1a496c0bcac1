import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { memoryKey, turnKey } from '../../shared/domain/table/keys.ts';
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

const add = async (content: string, user: string) =>
  (await service.client('POST /v1/turns', { body: say(content, user) })).body;

/** Id of the memory that refinement added. */
const learn = async (content: string, user: string): Promise<string> => {
  const event = await finalEvent(service.client, (await add(content, user)).event_id);
  return event.results[0].id;
};

const search = async (query: string, user: string, { client } = service) => {
  const body = { query, filters: { user_id: user } };
  return (await client('POST /v3/memories/search', { body })).body.results;
};

const list = async (user: string): Promise<string[]> => {
  const body = { filters: { user_id: user } };
  const { results } = (await service.client('POST /v3/memories', { body })).body;
  return results.map(({ memory }: { memory: string }) => memory).sort();
};

describe('the service on DynamoDB', () => {
  it('a search on DynamoDB finds a turn before it is refined, and afterwards only its memory', async () => {
    const waiting = await openService({ store, refines: false });
    const { body } = await waiting.client('POST /v1/turns', { body: say('I like tea', 'ann') });

    const before = await search('tea', 'ann', waiting);
    waiting.refine();
    const event = await finalEvent(waiting.client, body.event_id);
    const after = await search('tea', 'ann', waiting);
    await waiting.close();

    expect(before).toMatchObject([{ id: body.turn_id, memory: 'user: I like tea' }]);
    expect(event).toMatchObject({ status: 'SUCCEEDED', results: [{ event: 'ADD' }] });
    expect(after).toMatchObject([{ id: event.results[0].id, memory: 'Learnt: I like tea' }]);
    expect(after).toHaveLength(1);
  });

  it('concurrent turns of one scope on DynamoDB are all refined and listed', async () => {
    const texts = Array.from({ length: 12 }, (_, i) => `I have been to place number ${i}`);
    const turns = await Promise.all(texts.map((text) => add(text, 'ben')));

    const events = await Promise.all(
      turns.map((turn) => finalEvent(service.client, turn.event_id)),
    );

    expect(events.map(({ status }) => status)).toEqual(texts.map(() => 'SUCCEEDED'));
    expect(await list('ben')).toEqual(texts.map((text) => `Learnt: ${text}`).sort());
  });

  it('on DynamoDB an update is visible at once and kept in the history, and a deletion is final', async () => {
    const id = await learn('I like tea', 'cleo');

    await service.client(`PUT /v1/memories/${id}`, { body: { text: 'I like mate' } });
    const found = await search('mate', 'cleo');
    const history = await service.client(`GET /v1/memories/${id}/history`);
    await service.client(`DELETE /v1/memories/${id}`);

    expect(found).toMatchObject([{ id, memory: 'I like mate' }]);
    expect(history.body).toMatchObject([
      { event: 'ADD', new_memory: 'user: I like tea' },
      { event: 'UPDATE', new_memory: 'Learnt: I like tea' },
      { event: 'UPDATE', new_memory: 'I like mate' },
    ]);
    expect(await list('cleo')).toEqual([]);
    expect((await service.client(`GET /v1/memories/${id}`)).status).toBe(404);
  });

  it('a delete-all on DynamoDB deletes everything of one user and nothing of another', async () => {
    await learn('I like rain', 'dora');
    await Promise.all(['I like sun', 'I like snow'].map((text) => learn(text, 'emil')));

    const deleted = await service.client('DELETE /v1/memories?user_id=emil');

    expect(deleted.status).toBe(200);
    expect(await list('emil')).toEqual([]);
    expect(await list('dora')).toEqual(['Learnt: I like rain']);
  });

  it('batches on DynamoDB change and delete memories together, and a delete-all takes the rest', async () => {
    const texts = Array.from({ length: 80 }, (_, i) => `I have been to place number ${i}`);
    const stored = await service.client('POST /v3/memories/add/', {
      body: {
        user_id: 'eve',
        infer: false,
        messages: texts.map((content) => ({ role: 'user', content })),
      },
    });
    const ids: string[] = stored.body.results.map(({ id }: { id: string }) => id);
    const memories = ids.slice(0, 60).map((id) => ({ memory_id: id }));

    const updated = await service.client('PUT /v1/batch/', {
      body: { memories: memories.map((one, i) => ({ ...one, text: `I left place number ${i}` })) },
    });
    const changed = await list('eve');
    const deleted = await service.client('DELETE /v1/batch/', { body: { memories } });
    const left = await list('eve');
    const { body: started } = await service.client('DELETE /v1/memories/?user_id=eve');
    const event = await finalEvent(service.client, started.event_id);

    expect(updated.body.message).toBe('Successfully updated 60 memories');
    expect(changed.filter((text) => text.startsWith('I left'))).toHaveLength(60);
    expect(deleted.body.message).toBe('Successfully deleted 60 memories');
    expect(left).toEqual(texts.slice(60).sort());
    expect(event).toMatchObject({ status: 'SUCCEEDED', counts: { memories: 20 } });
    expect(await list('eve')).toEqual([]);
  });

  it('entities on DynamoDB are listed with their counts until they are deleted, and again once they are named', async () => {
    const client = await service.clientOf('entities');
    const turn = (content: string) => ({ ...say(content, 'gil'), agent_id: 'guide' });
    const counts = async () => {
      const { results } = (await client('GET /v1/entities/')).body;
      return results
        .map(({ name, total_memories }: { [field: string]: unknown }) => [name, total_memories])
        .sort();
    };
    const learnOne = async (content: string) => {
      const { body } = await client('POST /v1/turns', { body: turn(content) });
      await finalEvent(client, body.event_id);
    };

    await learnOne('I like tea');
    await learnOne('I like fog');
    const before = await counts();
    const deleted = await client('DELETE /v2/entities/user/gil/');
    const atOnce = await counts();
    await finalEvent(client, deleted.body.event_id);
    const finished = await counts();
    await learnOne('I like hail');

    expect(before).toEqual([
      ['gil', 2],
      ['guide', 2],
    ]);
    expect([atOnce, finished]).toEqual([[['guide', 0]], [['guide', 0]]]);
    expect(await counts()).toEqual([
      ['gil', 1],
      ['guide', 1],
    ]);
  });

  it('on DynamoDB a message that repeats a deleted memory is erased with it, and events show neither', async () => {
    const first = await add('I like frost', 'gus');
    const [{ id }] = (await finalEvent(service.client, first.event_id)).results;
    const second = await add('I like frost', 'gus');
    const repeated = await finalEvent(service.client, second.event_id);
    const project = (await service.client('GET /v1/ping')).body.project_id;
    const restatements = async () =>
      (
        await store.query({
          kind: 'RESTATED',
          pk: memoryKey(project, id).pk,
          prefix: 'RESTATED#',
        })
      ).items.map(({ item }) => item.turn);
    const recorded = await restatements();

    await service.client(`DELETE /v1/memories/${id}`);
    const events = await Promise.all(
      [first, second].map(({ event_id: event }) => service.client(`GET /v1/events/${event}`)),
    );

    expect(repeated.results).toMatchObject([{ event: 'NONE', id }]);
    expect(recorded).toEqual([second.turn_id]);
    expect(await restatements()).toEqual([]);
    expect(events.map(({ body }) => body.payload.messages)).toEqual([[], []]);
    expect(JSON.stringify(events)).not.toContain('frost');
    expect(await store.get(turnKey(project, second.turn_id))).toMatchObject({ erased: true });
  });

  it('on DynamoDB a deleted message of a refined turn leaves a due time until the index has lost it', async () => {
    const { body } = await service.client('POST /v1/turns', {
      body: {
        user_id: 'hal',
        messages: ['I like sleet', 'What time is it?'].map((content) => ({
          role: 'user',
          content,
        })),
      },
    });
    await finalEvent(service.client, body.event_id);
    const project = (await service.client('GET /v1/ping')).body.project_id;

    const deleted = await service.client(`DELETE /v1/memories/${body.turn_id}.m0`);
    const again = await service.client(`DELETE /v1/memories/${body.turn_id}.m0`);

    expect([deleted.status, again.status]).toEqual([200, 404]);
    expect(await store.get(turnKey(project, body.turn_id))).toMatchObject({
      messages: [{ content: '' }, { content: 'What time is it?' }],
      erasedEntries: { positions: [0] },
      dueAt: expect.any(Number),
    });
  });

  it('on DynamoDB a memory of two turns goes with the second of their messages', async () => {
    const first = await add('I like hail', 'ida');
    const [{ id }] = (await finalEvent(service.client, first.event_id)).results;
    const again = { ...say('I like hail', 'ida'), agent_id: 'bot' };
    const { body: second } = await service.client('POST /v1/turns', { body: again });
    await finalEvent(service.client, second.event_id);
    const project = (await service.client('GET /v1/ping')).body.project_id;
    const memory = () => store.get(memoryKey(project, id));
    const lineage = (await memory())?.lineage;

    await service.client(`DELETE /v1/memories/${first.turn_id}.m0`);
    const between = (await memory())?.state;
    await service.client(`DELETE /v1/memories/${second.turn_id}.m0`);

    expect(lineage).toEqual([first.turn_id, second.turn_id]);
    expect([between, (await memory())?.state]).toEqual(['live', 'deleted']);
    expect(await list('ida')).toEqual([]);
  });

  it('a repeated request on DynamoDB is answered with the same event, and events are listed newest first', async () => {
    const headers = { 'idempotency-key': 'once' };
    const twice = [1, 2].map(() =>
      service.client('POST /v1/turns', { body: say('I like fog', 'finn'), headers }),
    );
    const [first, second] = await Promise.all(twice);

    const last = await add('I like hail', 'finn');
    const listed = await service.client('GET /v1/events');

    expect(second?.body.event_id).toBe(first?.body.event_id);
    expect(listed.body.results.slice(0, 2)).toMatchObject([
      { id: last.event_id },
      { id: first?.body.event_id },
    ]);
  });
});
