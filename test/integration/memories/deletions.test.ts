import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent } from '../../support/in-memory-service.ts';
import { type MemoryService, openMemoryService } from '../../support/memory-service.ts';
import { proposing } from '../../support/scripted-model.ts';

let service: MemoryService;
beforeEach(async () => {
  service = await openMemoryService();
});
afterEach(() => service.close());

const talk = [
  { role: 'user', content: 'I adopted a beagle.' },
  { role: 'user', content: 'My sister plays the cello.' },
];

/** A turn of two messages, each of which teaches a memory. Returns the ids of turn and memories. */
const talked = async () => {
  service.model.next(
    proposing(
      { turn: 0, type: 'ADD', text: 'Alice has a dog.', message: 0 },
      { turn: 0, type: 'ADD', text: "Alice's sister is a cellist.", message: 1 },
    ),
  );
  const turn = await service.learn(talk);
  const sister = (await service.listed()).find(({ id }) => id !== turn).id as string;
  return { turn, dog: turn, sister };
};

const everything = 'Alice dog beagle adopted sister cello cellist';
const idsFound = async (): Promise<string[]> =>
  (await service.found(everything)).map(({ id }) => id).toSorted();

describe('a deletion of a message', () => {
  it('a deletion of a message takes along the memories drawn from it alone, and leaves the rest of the turn', async () => {
    const { turn, dog, sister } = await talked();

    const deleted = await service.remove(`${turn}.m0`);

    expect(deleted.body).toEqual({ message: 'Memory deleted successfully!' });
    const gone = [await service.get(`${turn}.m0`), await service.get(dog)];
    expect(gone.map(({ status }) => status)).toEqual([404, 404]);
    expect(await idsFound()).toEqual([sister]);
    expect((await service.get(`${turn}.m1`)).body.memory).toBe('My sister plays the cello.');
    expect((await service.history(`${turn}.m1`)).body).toMatchObject([
      { event: 'ADD', new_memory: 'My sister plays the cello.' },
    ]);
  });

  it('a message is deleted once', async () => {
    const { turn } = await talked();
    await service.remove(`${turn}.m0`);

    const again = await service.remove(`${turn}.m0`);

    expect(again).toMatchObject({ status: 404, body: { code: 'memory_not_found' } });
  });

  it('a memory that two messages state goes with the second of them', async () => {
    service.model.next(
      proposing(
        { turn: 0, type: 'ADD', text: 'Alice has a dog.', message: 0 },
        { turn: 0, type: 'ADD', text: 'Alice has a dog.', message: 1 },
      ),
    );
    const turn = await service.learn([
      { role: 'user', content: 'I have a dog.' },
      { role: 'user', content: 'A dog, I say.' },
      { role: 'assistant', content: 'Noted.' },
    ]);

    await service.remove(`${turn}.m0`);
    const between = await service.get(turn);
    await service.remove(`${turn}.m1`);

    expect(between.status).toBe(200);
    expect((await service.get(turn)).status).toBe(404);
    expect((await service.get(`${turn}.m2`)).body.memory).toBe('Noted.');
  });

  it('the last message takes the turn along', async () => {
    const turn = await service.learn('What time is tea?');

    await service.remove(`${turn}.m0`);

    expect(await service.found('tea')).toEqual([]);
    expect((await service.get(turn)).status).toBe(404);
  });

  it('a deleted message is in no answer: neither in the event of its turn nor in a history', async () => {
    const { event, turn } = await service.add(talk);
    await finalEvent(service.client, event);
    const other = (await service.listed()).find(({ id }) => id !== turn).id;

    await service.remove(`${turn}.m0`);
    const answers = [
      await service.client(`GET /v1/events/${event}`),
      await service.history(turn),
      await service.history(other),
    ];

    for (const { body } of answers) expect(JSON.stringify(body)).not.toContain('beagle');
  });

  it('a batch deletes messages too', async () => {
    const { turn } = await talked();
    const id = `${turn}.m0`;

    const { body } = await service.client('DELETE /v1/batch', {
      body: { memories: [{ memory_id: id }] },
    });

    expect(body.results).toEqual([{ memory_id: id, outcome: 'deleted' }]);
    expect((await service.get(id)).status).toBe(404);
  });
});

describe('a deletion of a memory', () => {
  it('a deletion of a memory hides its message from searches, lookups and histories', async () => {
    const { turn, dog, sister } = await talked();

    await service.remove(dog);

    expect(await idsFound()).toEqual([sister]);
    const answers = [
      await service.get(`${turn}.m0`),
      await service.history(`${turn}.m0`),
      await service.put(`${turn}.m0`, { text: 'x' }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [404, 'memory_not_found']),
    );
    expect(JSON.stringify((await service.history(sister)).body)).not.toContain('beagle');
  });

  it('a hidden message can be deleted, which erases its words', async () => {
    const { turn, dog } = await talked();
    await service.remove(dog);

    const deleted = await service.remove(`${turn}.m0`);

    expect(deleted.status).toBe(200);
    expect((await service.remove(`${turn}.m0`)).status).toBe(404);
  });

  it('a message of a deleted and another memory is no source of the other one', async () => {
    service.model.next(
      proposing(
        { turn: 0, type: 'ADD', text: 'Alice has a dog.', message: 0 },
        { turn: 0, type: 'ADD', text: 'Alice likes walks.', message: 0 },
      ),
    );
    const turn = await service.learn('I adopted a beagle and like walks.');

    await service.remove(turn);
    const found = await service.found('Alice walks beagle');

    expect(found).toMatchObject([{ memory: 'Alice likes walks.' }]);
    expect(found[0]).not.toHaveProperty('source');
  });

  it('a memory that another message repeated takes that message along', async () => {
    const memory = await service.learn('I have a dog.');
    service.model.next((request, signal) =>
      proposing({ turn: 0, type: 'ADD', text: request.memories[0]?.text ?? '', message: 0 })(
        request,
        signal,
      ),
    );
    const repeated = await service.learn('Yes, I have a dog, a beagle.');

    await service.remove(memory);

    expect(await service.found('dog beagle')).toEqual([]);
    expect((await service.get(`${repeated}.m0`)).status).toBe(404);
  });
});

describe('a delete-all', () => {
  it('a delete-all takes memories, versions and messages', async () => {
    const { turn, sister } = await talked();
    await service.learn('What time is tea?');

    const { body } = await service.client('DELETE /v1/memories?user_id=alice');
    const found = await service.found(`${everything} tea`, { include_expired: true });
    const event = await finalEvent(service.client, body.event_id);

    expect(found).toEqual([]);
    expect(event).toMatchObject({ status: 'SUCCEEDED', counts: { memories: 2 } });
    for (const id of [turn, sister, `${turn}.m0`, `${turn}.m1`])
      expect((await service.get(id)).status, id).toBe(404);
  });
});
