import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';
import { watchLoop } from '../support/loop-cpu.ts';
import type { Fault } from '../support/openai-faults.ts';
import { type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';

/** CPU time of the main thread between turns of its loop, ms, with an answer as large as one may be. */
const limit = 100;

const loop = watchLoop();
let server: OpenAiServer;
let service: TestService;
let reply: Fault;

beforeAll(async () => {
  server = await startOpenAiServer({ chat: () => reply });
  service = await openService({
    refineSchedule: [0],
    languageModel: createOpenAiLanguageModel({ baseUrl: server.url, model: 'm', apiKey: 'key' }),
  });
  // What runs first is compiled.
  await answeredWith(
    'warm',
    changes(2_000, (n) => ({ op: 'ADD', text: `Fact ${n}.` })),
  );
});
afterAll(async () => {
  await service.close();
  await server.close();
  await loop.close();
});

/** Written beforehand: the server runs in the thread that is watched. */
const answer = (content: string): Fault => ({
  fault: 'body',
  body: JSON.stringify({
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
  }),
});

const changes = (count: number, make: (n: number) => object): Fault =>
  answer(JSON.stringify({ changes: Array.from({ length: count }, (_, n) => make(n)) }));

/** How a turn ends that the model answers like this, and what it took at a time. */
const answeredWith = async (user: string, given: Fault) => {
  const { client } = service;
  const known = { ...say('I like tea at home.', user), infer: false };
  await client('POST /v3/memories/add', { body: known });
  reply = given;
  loop.longest();
  const { body } = await client('POST /v1/turns', { body: say('I like tea.', user) });
  const event = await finalEvent(client, body.event_id);
  const list = { body: { filters: { user_id: user } } };
  const { body: listed } = await client('POST /v3/memories?page_size=1', list);
  return { event, count: listed.count, ms: loop.longest() };
};

describe('a model that answers with as many changes as a megabyte holds', () => {
  it.each<[string, number, (n: number) => object]>([
    ['facts', 20_000, (n) => ({ op: 'ADD', text: `${n}` })],
    ['the same fact', 20_000, () => ({ op: 'ADD', text: 'tea' })],
    ['texts of one memory', 15_000, (n) => ({ op: 'UPDATE', target: 'M1', text: `Rome ${n}` })],
    ['deletions of one memory', 20_000, () => ({ op: 'DELETE', target: 'M1' })],
    [
      'another memory each',
      15_000,
      (n) => ({ op: n % 2 ? 'ADD' : 'UPDATE', target: 'M1', text: `${n}` }),
    ],
    ['nothing', 20_000, () => ({ op: 'NONE' })],
  ])('holds up nobody, and 500 of them count: %s, %i times', async (user, times, make) => {
    const { event, count, ms } = await answeredWith(user, changes(times, make));

    expect(event).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(event.results.length).toBeLessThanOrEqual(500);
    expect(count).toBeLessThanOrEqual(501);
    expect(ms).toBeLessThan(limit);
  });
});

describe('a model whose answer is too large in another way', () => {
  it('ends its turn as FAILED where the answer is larger than a megabyte', async () => {
    const { event, ms } = await answeredWith('large', answer('x'.repeat(5_000_000)));

    expect(event).toMatchObject({ status: 'FAILED', error: { code: 'model_oversized' } });
    expect(ms).toBeLessThan(limit);
  });

  it('ends its turn as FAILED where the body never ends in JSON', async () => {
    const { event, ms } = await answeredWith('endless', {
      fault: 'body',
      body: `{"choices":[${'{},'.repeat(1_000_000)}`,
    });

    expect(event).toMatchObject({ status: 'FAILED', error: { code: 'model_oversized' } });
    expect(ms).toBeLessThan(limit);
  });

  it('has a text of 100 kB cut to what a memory may hold', async () => {
    const long = changes(1, () => ({ op: 'ADD', text: 'tea '.repeat(25_000) }));

    const { event, ms } = await answeredWith('long', long);

    expect(event.status).toBe('SUCCEEDED');
    expect(event.results[0].memory.length).toBeLessThanOrEqual(8_000);
    expect(ms).toBeLessThan(limit);
  });
});
