import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent } from '../../support/in-memory-service.ts';
import { type MemoryService, openMemoryService } from '../../support/memory-service.ts';
import { proposing } from '../../support/scripted-model.ts';

let service: MemoryService;
beforeEach(async () => {
  service = await openMemoryService();
});
afterEach(() => service.close());

const dog = { role: 'user', content: 'I adopted a beagle.' };
const sister = { role: 'user', content: 'My sister plays the cello.' };

/** A turn of two messages, each of which teaches a memory; that of the first has the id of the turn. */
const talked = async () => {
  service.model.next(
    proposing(
      { turn: 0, type: 'ADD', text: 'Alice has a beagle.', message: 0 },
      { turn: 0, type: 'ADD', text: "Alice's sister is a cellist.", message: 1 },
      { turn: 0, type: 'NONE', reason: 'The name of the beagle is not known.' },
    ),
  );
  const { turn, event } = await service.add([dog, sister]);
  await finalEvent(service.client, event);
  return { turn, event };
};

/** A second turn, whose first message says again that there is a beagle. */
const repeated = async (...more: object[]) => {
  service.model.next((request, signal) => {
    const memory = request.memories.findIndex(({ text }) => text.includes('beagle'));
    const reason = 'The beagle is known.';
    return proposing({ turn: 0, type: 'NONE', target: { memory }, message: 0, reason })(
      request,
      signal,
    );
  });
  const said = { role: 'user', content: 'The beagle, as I said.' };
  const { turn, event } = await service.add([said, ...more]);
  await finalEvent(service.client, event);
  return { turn, event };
};

/** Every answer about events. */
const eventAnswers = async (event: string) => [
  (await service.client(`GET /v1/events/${event}`)).body,
  (await service.client(`GET /v1/events/${event}?wait=1`)).body,
  (await service.client(`GET /v1/event/${event}/`)).body,
  (await service.client('GET /v1/events')).body.results.find(
    ({ id }: { id: string }) => id === event,
  ),
];

describe('the event of a turn', () => {
  it('an event shows no words of a message whose memory was deleted, and those of the other messages', async () => {
    const { turn, event } = await talked();

    await service.remove(turn);

    for (const answer of await eventAnswers(event)) {
      expect(answer.payload.messages).toEqual([{ role: 'user', content: '' }, sister]);
      // The route of mem0 has no items for what was not learnt.
      expect(answer.results.slice(0, 2)).toMatchObject([
        { event: 'ADD', id: turn, memory: null },
        { event: 'ADD', memory: "Alice's sister is a cellist." },
      ]);
    }
  });

  it('an event loses the reasons for what was not learnt with a message, or with the last memory', async () => {
    const first = await talked();
    const second = await talked();
    await service.remove(`${first.turn}.m0`);
    for (const { id } of await service.listed()) await service.remove(id);

    for (const { event } of [first, second])
      for (const answer of await eventAnswers(event))
        expect(JSON.stringify(answer)).not.toContain('beagle');
  });

  it('an event shows no words of a later message that repeated a deleted memory', async () => {
    const { turn } = await talked();
    const { event } = await repeated(sister);

    await service.remove(turn);

    for (const answer of await eventAnswers(event)) {
      expect(answer.payload.messages).toEqual([{ role: 'user', content: '' }, sister]);
      expect(JSON.stringify(answer)).not.toContain('beagle');
    }
  });

  it('an event shows nothing that a delete-all covers as soon as it was answered, before its job ran', async () => {
    await service.close();
    service = await openMemoryService({ refines: false });
    const { event } = await service.add([dog], { metadata: { place: 'kennel' } });
    await service.client('DELETE /v1/memories?user_id=alice');

    for (const answer of await eventAnswers(event)) {
      expect(answer).toMatchObject({ payload: { messages: [], user_id: 'alice', metadata: {} } });
      expect(JSON.stringify(answer)).not.toContain('kennel');
    }
  });

  it('a repeated add that answers with its results leaves out what was deleted since', async () => {
    const call = {
      body: { messages: [dog], user_id: 'alice', infer: false },
      headers: { 'idempotency-key': 'once' },
    };
    const { body } = await service.client('POST /v3/memories/add/', call);
    await service.remove(body.results[0].id);

    const again = await service.client('POST /v3/memories/add/', call);

    expect(again.body).toMatchObject({ replayed: true, results: [{ event: 'ADD', memory: null }] });
  });
});

describe('a message that repeats a memory', () => {
  it('a message that repeats a memory is erased with it, and the rest of its turn stays', async () => {
    const { turn } = await talked();
    const again = await repeated({ role: 'user', content: 'What time is tea?' });

    await service.remove(turn);

    expect((await service.remove(`${again.turn}.m0`)).status).toBe(404);
    expect((await service.get(`${again.turn}.m1`)).body.memory).toBe('What time is tea?');
    expect(await service.textsFound('tea')).toContain('What time is tea?');
  });

  it('a turn that only repeated a memory is erased with it', async () => {
    const { turn } = await talked();
    const again = await repeated();

    await service.remove(turn);

    expect((await service.get(again.turn)).status).toBe(404);
    expect((await service.get(`${again.turn}.m0`)).status).toBe(404);
  });
});
