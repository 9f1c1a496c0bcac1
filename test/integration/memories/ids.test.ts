import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent } from '../../support/in-memory-service.ts';
import { type MemoryService, openMemoryService } from '../../support/memory-service.ts';
import { forgetting, learning, proposing, rewriting } from '../../support/scripted-model.ts';

let service: MemoryService;
beforeEach(async () => {
  service = await openMemoryService();
});
afterEach(() => service.close());

describe('the first memory that a turn adds', () => {
  it('the first memory of a turn has the id that the rough memory had, others have ids of their own', async () => {
    service.model.next(learning('Alice likes tea.', 'Alice owns a cat.'));
    const turn = await service.learn('I like tea, and so does my cat.');

    const { body } = await service.get(turn);
    const listed = await service.listed();

    expect(body).toMatchObject({ id: turn, memory: 'Alice likes tea.', type: 'refined' });
    expect(body).not.toHaveProperty('also_became');
    expect(listed.map(({ id }) => id)).toContain(turn);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(2);
  });

  it('the id answers before, during and after refinement', async () => {
    let decide = () => {};
    const deciding = new Promise<void>((resolve) => {
      decide = resolve;
    });
    service.model.next(async (request, signal) => {
      await deciding;
      return learning('Alice likes tea.')(request, signal);
    });
    const { turn, event } = await service.add('I like tea.');

    await expect.poll(() => service.model.requests.length).toBe(1);
    const during = [await service.get(turn), await service.history(turn)];
    decide();
    await finalEvent(service.client, event);
    const after = [await service.get(turn), await service.history(turn)];

    expect(during.map(({ status }) => status)).toEqual([200, 200]);
    expect(during[0]?.body).toMatchObject({ id: turn, type: 'rough', memory: 'user: I like tea.' });
    expect(after.map(({ status }) => status)).toEqual([200, 200]);
    expect(after[0]?.body).toMatchObject({ id: turn, type: 'refined', memory: 'Alice likes tea.' });
  });

  it('its history begins with the words of the turn, and refinement is an update', async () => {
    const turn = await service.learn('I like tea.');
    await service.put(turn, { text: 'Alice likes mate.' });

    const { body } = await service.history(turn);

    expect(body).toMatchObject([
      { memory_id: turn, event: 'ADD', old_memory: null, new_memory: 'user: I like tea.' },
      { event: 'UPDATE', old_memory: 'user: I like tea.', new_memory: 'Learnt: I like tea.' },
      { event: 'UPDATE', old_memory: 'Learnt: I like tea.', new_memory: 'Alice likes mate.' },
    ]);
    expect(new Set(body.map(({ id }: { id: string }) => id)).size).toBe(3);
  });

  it('the history of a deleted memory has its events and no words', async () => {
    const turn = await service.learn('I like tea.');
    await service.remove(turn);

    const { body } = await service.history(turn);

    expect(body).toMatchObject([
      { event: 'ADD', new_memory: null, input: [] },
      { event: 'UPDATE', old_memory: null, new_memory: null, input: [] },
      { event: 'DELETE', old_memory: null, new_memory: null },
    ]);
    expect(JSON.stringify(body)).not.toContain('tea');
  });

  it('its event still says that a memory was added', async () => {
    const { turn, event } = await service.add('I like tea.');

    const { results } = await finalEvent(service.client, event);

    expect(results).toMatchObject([{ id: turn, event: 'ADD', memory: 'Learnt: I like tea.' }]);
  });
});

describe('the id of a turn that added nothing', () => {
  it('the id of a turn that changed a memory is an alias of that memory', async () => {
    const memory = await service.learn('I live in Berlin.');
    service.model.next(rewriting('Berlin', 'Alice lives in Lisbon.'));
    const turn = await service.learn('I moved to Lisbon.');

    const got = await service.get(turn);
    const history = await service.history(turn);

    expect(got.body).toMatchObject({
      id: memory,
      memory: 'Alice lives in Lisbon.',
      also_became: [],
    });
    expect(history.body).toEqual((await service.history(memory)).body);
  });

  it('an alias names the other memories that the turn changed', async () => {
    const first = await service.learn('I live in Berlin.');
    const second = await service.learn('I work in Berlin.');
    service.model.next((request, signal) =>
      proposing(
        ...request.memories.map(({ text }, memory) => ({
          turn: 0,
          type: 'UPDATE' as const,
          target: { memory },
          text: text.replace('Berlin', 'Lisbon'),
        })),
      )(request, signal),
    );
    const turn = await service.learn('All of Berlin is Lisbon now.');

    const { body } = await service.get(turn);

    expect([body.id, ...body.also_became].toSorted()).toEqual([first, second].toSorted());
    expect(body.also_became).toHaveLength(1);
  });

  it('an edit and a deletion under an alias reach the memory', async () => {
    const memory = await service.learn('I live in Berlin.');
    service.model.next(rewriting('Berlin', 'Alice lives in Lisbon.'));
    const turn = await service.learn('I moved to Lisbon.');

    const edited = await service.put(turn, { text: 'Alice lives in Porto.' });
    const deleted = await service.remove(turn);

    expect(edited.body).toMatchObject({ id: memory, memory: 'Alice lives in Porto.' });
    expect(deleted.status).toBe(200);
    expect((await service.get(memory)).status).toBe(404);
    expect((await service.get(turn)).status).toBe(404);
  });

  it('the id of a turn that took a memory back is an alias of the memory that is no longer true', async () => {
    const memory = await service.learn('I own a cat.');
    service.model.next(forgetting('cat'));
    const turn = await service.learn('My cat left.');

    const { body } = await service.get(turn);

    expect(body).toMatchObject({ id: memory, lifecycle_state: 'retracted', also_became: [] });
  });

  it('the id of a turn that taught nothing is an alias of its first message', async () => {
    const turn = await service.learn('What time is tea?');

    const got = await service.get(turn);
    const history = await service.history(turn);
    const edited = await service.put(turn, { text: 'x' });
    const deleted = await service.remove(turn);

    expect(got.body).toMatchObject({
      id: `${turn}.m0`,
      memory: 'What time is tea?',
      type: 'message',
      role: 'user',
    });
    expect(history.body).toMatchObject([{ event: 'ADD', new_memory: 'What time is tea?' }]);
    expect(edited).toMatchObject({ status: 409, body: { code: 'message_is_source' } });
    expect(deleted.status).toBe(200);
    expect((await service.get(turn)).status).toBe(404);
    expect(await service.found('tea')).toEqual([]);
  });
});

describe('ids of no memory', () => {
  it.each([
    ['a position without a message', (turn: string) => `${turn}.m7`],
    ['a version that never was', (turn: string) => `${turn}.v7`],
    ['a message of another turn', () => '01990000-0000-7000-8000-000000000000.m0'],
  ])('%s is not found', async (_, idOf) => {
    const id = idOf(await service.learn('I like tea.'));

    const answers = [
      await service.get(id),
      await service.put(id, { text: 'x' }),
      await service.remove(id),
    ];

    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [404, 'memory_not_found']),
    );
  });

  it.each(['.m', '.m01', '.m-1', '.x1', '.m0.m0', '.m12345678'])(
    'an id that ends with "%s" is refused',
    async (end) => {
      const answer = await service.get(`01990000-0000-7000-8000-000000000000${end}`);

      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_id' } });
    },
  );
});
