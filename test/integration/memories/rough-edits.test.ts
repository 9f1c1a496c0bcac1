import { afterEach, expect, it } from 'vitest';
import { finalEvent } from '../../support/in-memory-service.ts';
import { type MemoryService, openMemoryService } from '../../support/memory-service.ts';

let service: MemoryService;
afterEach(() => service.close());

const openWaiting = async () => {
  service = await openMemoryService({ refines: false });
};

/** Refines the turn of an event. Returns the messages that the language model was asked about. */
const refined = async (event: string) => {
  service.refine();
  await finalEvent(service.client, event);
  return service.model.requests.flatMap(({ turns }) => turns.flatMap(({ messages }) => messages));
};

it('an edit of a rough memory replaces its messages by one of the first speaker', async () => {
  await openWaiting();
  const { turn, event } = await service.add([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', name: 'Ana', content: 'I like tea.' },
    { role: 'assistant', content: 'Noted.' },
  ]);

  const edited = await service.put(turn, { text: 'I like mate.' });
  const messages = await refined(event);

  expect(edited.body).toMatchObject({ id: turn, type: 'rough', memory: 'Ana: I like mate.' });
  expect(messages).toMatchObject([{ role: 'user', name: 'Ana', content: 'I like mate.' }]);
});

it('an edit of a rough memory keeps its attachments', async () => {
  await openWaiting();
  const image = { type: 'image_url', image_url: { url: 'https://example.com/tea.png' } };
  const { turn } = await service.add([
    { role: 'user', content: [{ type: 'text', text: 'My tea.' }, image] },
  ]);

  const { body } = await service.put(turn, { text: 'My mate.' });

  expect(body.memory).toContain('My mate.');
  expect(body.memory).toContain('https://example.com/tea.png');
});

it('an edit of other fields keeps the words of a rough memory', async () => {
  await openWaiting();
  const { turn, event } = await service.add('I like tea.', { metadata: { a: 1 } });

  const { body } = await service.put(turn, {
    metadata: { b: 2 },
    expiration_date: '2999-01-01',
    timestamp: 1_700_000_000,
  });
  await refined(event);

  const changed = {
    metadata: { b: 2 },
    expiration_date: '2999-01-01',
    created_at: '2023-11-14T22:13:20.000Z',
  };
  expect(body).toMatchObject({ memory: 'user: I like tea.', ...changed });
  expect((await service.get(turn)).body).toMatchObject({
    memory: 'Learnt: I like tea.',
    ...changed,
  });
});

it('an edit of a rough memory is found by the very next search, by its new words alone', async () => {
  await openWaiting();
  const { turn } = await service.add('I like tea.');
  await service.put(turn, { text: 'I adore chess.' });

  const texts = await service.textsFound('chess');
  const former = await service.textsFound('tea', { threshold: 0.1 });

  expect(texts).toEqual(['user: I adore chess.']);
  expect(former).toEqual([]);
});

it('an edit that meets refinement wins: the turn is decided again on the new words', async () => {
  service = await openMemoryService();
  let decide = () => {};
  const deciding = new Promise<void>((resolve) => {
    decide = resolve;
  });
  service.model.next(async () => {
    await deciding;
    return {
      ok: true,
      changes: [{ turn: 0, type: 'ADD', text: 'Alice likes tea.' }],
      usage: { prompt: 1, completion: 1 },
    };
  });
  const { turn, event } = await service.add('I like tea.');
  await expect.poll(() => service.model.requests.length).toBe(1);

  const edited = await service.put(turn, { text: 'I like mate.' });
  decide();
  await finalEvent(service.client, event);

  expect(edited.status).toBe(200);
  expect((await service.get(turn)).body.memory).toBe('Learnt: I like mate.');
  expect(await service.listed()).toHaveLength(1);
});

it('a rough memory that was added as immutable cannot be edited', async () => {
  await openWaiting();
  const { body } = await service.client('POST /v3/memories/add', {
    body: {
      messages: [{ role: 'user', content: 'I like tea.' }],
      user_id: 'alice',
      immutable: true,
    },
  });
  const [rough] = await service.listed();

  const answer = await service.put(rough.id, { text: 'x' });

  expect(body.status).toBe('PENDING');
  expect(answer).toMatchObject({ status: 400, body: { code: 'memory_immutable' } });
});

it('a batch edits rough memories too', async () => {
  await openWaiting();
  const { turn } = await service.add('I like tea.');

  const { body } = await service.client('PUT /v1/batch', {
    body: { memories: [{ memory_id: turn, text: 'I like mate.' }] },
  });

  expect(body.results).toEqual([{ memory_id: turn, outcome: 'updated' }]);
  expect((await service.get(turn)).body.memory).toBe('user: I like mate.');
});
