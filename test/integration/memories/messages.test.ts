import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MemoryService, openMemoryService } from '../../support/memory-service.ts';
import { forgetting, proposing, rewriting } from '../../support/scripted-model.ts';

let service: MemoryService;
beforeEach(async () => {
  service = await openMemoryService();
});
afterEach(() => service.close());

const talk = [
  { role: 'user', name: 'Ana', content: 'I adopted a beagle.' },
  { role: 'assistant', content: 'Lovely! Orchids are poisonous to dogs.' },
  { role: 'user', name: 'Ana', content: 'The vet is called Hawthorne.' },
];

/** A turn of three messages, of which the first teaches a memory. Returns its id. */
const talked = (): Promise<string> => {
  service.model.next(proposing({ turn: 0, type: 'ADD', text: 'Ana has a dog.', message: 0 }));
  return service.learn(talk);
};

describe('messages of a refined turn', () => {
  it('a message that taught nothing is found by its words, with its speaker', async () => {
    const turn = await talked();

    const [byUser] = await service.found('What is the vet called? Hawthorne');
    const [byAssistant] = await service.found('orchids poisonous');

    expect(byUser).toMatchObject({
      id: `${turn}.m2`,
      memory: 'The vet is called Hawthorne.',
      type: 'message',
      role: 'user',
      name: 'Ana',
      user_id: 'alice',
    });
    expect(byAssistant).toMatchObject({
      id: `${turn}.m1`,
      type: 'message',
      role: 'assistant',
      name: null,
    });
  });

  it('a message whose memory is a result is its source, and no result of its own', async () => {
    const turn = await talked();

    const found = await service.found('Which dog, a beagle, does Ana have?');

    expect(found.find(({ id }) => id === turn)).toMatchObject({
      memory: 'Ana has a dog.',
      type: 'refined',
      source: { id: `${turn}.m0`, memory: 'I adopted a beagle.' },
    });
    expect(found.map(({ id }) => id)).not.toContain(`${turn}.m0`);
  });

  it('a message whose memory does not match is found by words that only the message has', async () => {
    const turn = await talked();

    const [first] = await service.found('adopted beagle', { threshold: 0.3 });

    expect([first.id, first.source?.id]).toContain(`${turn}.m0`);
  });

  it('include_messages: false leaves messages out, and sources with them', async () => {
    const turn = await talked();

    const found = await service.found('Hawthorne orchids beagle dog', { include_messages: false });

    expect(found.map(({ id }) => id)).toEqual([turn]);
    expect(found[0]).not.toHaveProperty('source');
  });

  it('a message that was kept word for word is a memory, and neither a result nor a source beside it', async () => {
    const messages = [{ role: 'user', content: 'The vet is called Hawthorne.' }];
    const body = { messages, user_id: 'alice', infer: false, async_mode: false };
    await service.client('POST /v3/memories/add', { body });

    const found = await service.found('Hawthorne');

    expect(found).toMatchObject([{ type: 'refined', memory: 'The vet is called Hawthorne.' }]);
    expect(found[0]).not.toHaveProperty('source');
  });

  it('a list never shows messages', async () => {
    const turn = await talked();
    await service.learn('What time is tea?');

    const listed = await service.listed({ include_expired: true });

    expect(listed.map(({ id }) => id)).toEqual([turn]);
  });

  it('messages of system instructions and of no words are not found', async () => {
    service.model.next(proposing());
    const turn = await service.learn([
      { role: 'system', content: 'Speak of zeppelins.' },
      { role: 'user', content: 'Hello there.' },
    ]);

    const found = await service.found('zeppelins', { threshold: 0.05 });

    expect(found.map(({ id }) => id)).not.toContain(`${turn}.m0`);
    expect((await service.get(`${turn}.m0`)).status).toBe(404);
    expect((await service.get(`${turn}.m1`)).body.memory).toBe('Hello there.');
  });

  it('a message answers a lookup and has a history of one entry', async () => {
    const turn = await talked();

    const got = await service.get(`${turn}.m2`);
    const history = await service.history(`${turn}.m2`);

    expect(got.body).toMatchObject({
      id: `${turn}.m2`,
      memory: 'The vet is called Hawthorne.',
      type: 'message',
      immutable: true,
      lifecycle_state: 'active',
    });
    expect(history.body).toMatchObject([
      {
        memory_id: `${turn}.m2`,
        event: 'ADD',
        new_memory: 'The vet is called Hawthorne.',
        input: [{ role: 'user', name: 'Ana', content: 'The vet is called Hawthorne.' }],
      },
    ]);
  });

  it('a message cannot be edited', async () => {
    const turn = await talked();

    const answer = await service.put(`${turn}.m2`, { text: 'x' });

    expect(answer).toMatchObject({ status: 409, body: { code: 'message_is_source' } });
  });

  it('a filter applies to messages too', async () => {
    service.model.next(proposing());
    await service.learn('Hawthorne is a vet.', { metadata: { topic: 'dogs' } });
    const found = (topic: string) =>
      service.found('Hawthorne', { filters: { user_id: 'alice', metadata: { topic } } });

    expect(await found('dogs')).toHaveLength(1);
    expect(await found('cats')).toEqual([]);
  });
});

describe('a message whose memory is not as it was drawn', () => {
  /** Searches by words that only the message has. */
  const byMessage = (fields: object = {}) => service.found('beagle adopted', fields);

  it('a message whose memory a turn replaced is no result', async () => {
    await talked();
    service.model.next(rewriting('dog', 'Ana has two dogs.'));
    await service.learn('Now the dog has a friend.');

    const found = await byMessage();

    expect(found.map(({ memory }) => memory)).not.toContain('I adopted a beagle.');
  });

  it('a message whose memory was taken back is no result', async () => {
    await talked();
    service.model.next(forgetting('dog'));
    await service.learn('The dog ran away.');

    const found = await byMessage();

    expect(found.map(({ memory }) => memory)).not.toContain('I adopted a beagle.');
  });

  it('a message whose memory was edited is no result', async () => {
    const turn = await talked();
    await service.put(turn, { text: 'Ana has a parrot.' });

    const found = await byMessage();

    expect(JSON.stringify(found)).not.toContain('beagle');
  });

  it('a message of two memories is the source of the one that is left as it was', async () => {
    service.model.next(
      proposing(
        { turn: 0, type: 'ADD', text: 'Ana has a dog.', message: 0 },
        { turn: 0, type: 'ADD', text: 'Ana likes walks.', message: 0 },
      ),
    );
    const turn = await service.learn('I adopted a beagle and like walks.');
    await service.put(turn, { text: 'Ana has a parrot.' });

    const found = await service.found('walks Ana likes');

    const walks = found.find(({ memory }) => memory === 'Ana likes walks.');
    expect(walks).toMatchObject({ source: { id: `${turn}.m0` } });
    expect(found.map(({ id }) => id)).not.toContain(`${turn}.m0`);
  });

  it.each([
    ['a turn replaced', rewriting('Rome', 'Ana lives in Milan.')],
    ['a turn took back', forgetting('Rome')],
    ['was edited', undefined],
  ])('a message of which %s a memory gives its score to no other', async (_, change) => {
    service.model.next(
      proposing(
        { turn: 0, type: 'ADD', text: 'Ana lives in Rome.', message: 0 },
        { turn: 0, type: 'ADD', text: 'Ana works as a plumber.', message: 0 },
      ),
    );
    const turn = await service.learn('I live in Rome and I work as a plumber.');
    if (change) {
      service.model.next(change);
      await service.learn('I left Rome for Milan.');
    } else await service.put(turn, { text: 'Ana lives in Milan.' });
    const plumber = async (fields: object = {}) => {
      const found = await service.found('live in Rome', { threshold: 0, ...fields });
      return found.find(({ memory }) => memory === 'Ana works as a plumber.')?.score ?? 0;
    };

    expect(await plumber()).toBeLessThan(0.3);
    expect(await plumber({ include_messages: false })).toBeLessThan(0.3);
  });
});
