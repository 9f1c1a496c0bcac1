import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';
import { retryMeasurement, watchLoop } from '../support/loop-cpu.ts';
import type { Fault } from '../support/openai-faults.ts';
import { type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';

/** Allowed CPU time of the main thread between turns of its loop in ms, for the largest answer. */
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
  // Warms up the code, so that later runs are compiled.
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

/** Answers are built beforehand, since the server runs in the measured thread. */
const answer = (content: string): Fault => ({
  fault: 'body',
  body: JSON.stringify({
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
  }),
});

const changes = (count: number, make: (n: number) => object): Fault =>
  answer(JSON.stringify({ changes: Array.from({ length: count }, (_, n) => make(n)) }));

const answeredOnce = async (user: string, given: Fault) => {
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

/** Returns the final event of a turn with this model answer, and the longest CPU time between turns of the loop. */
const answeredWith = (user: string, given: Fault) =>
  retryMeasurement(
    (round) => answeredOnce(`${user} ${round}`, given),
    ({ ms }) => ms < limit,
  );

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
  ])(
    'an answer with as many changes as fit a megabyte blocks no request, and 500 of them count: %s, %i times',
    async (user, times, make) => {
      const { event, count, ms } = await answeredWith(user, changes(times, make));

      expect(event).toMatchObject({ status: 'SUCCEEDED', error: null });
      expect(event.results.length).toBeLessThanOrEqual(500);
      expect(count).toBeLessThanOrEqual(501);
      expect(ms).toBeLessThan(limit);
    },
  );
});

describe('a model whose answer is too large', () => {
  it('a turn ends as FAILED if the answer of the model is larger than a megabyte', async () => {
    const { event, ms } = await answeredWith('large', answer('x'.repeat(5_000_000)));

    expect(event).toMatchObject({ status: 'FAILED', error: { code: 'model_oversized' } });
    expect(ms).toBeLessThan(limit);
  });

  it('a turn ends as FAILED if the answer of the model never ends in JSON', async () => {
    const { event, ms } = await answeredWith('endless', {
      fault: 'body',
      body: `{"choices":[${'{},'.repeat(1_000_000)}`,
    });

    expect(event).toMatchObject({ status: 'FAILED', error: { code: 'model_oversized' } });
    expect(ms).toBeLessThan(limit);
  });

  it('a text of 100 kB in an answer of the model is cut to the limit of a memory', async () => {
    const long = changes(1, () => ({ op: 'ADD', text: 'tea '.repeat(25_000) }));

    const { event, ms } = await answeredWith('long', long);

    expect(event.status).toBe('SUCCEEDED');
    expect(event.results[0].memory.length).toBeLessThanOrEqual(8_000);
    expect(ms).toBeLessThan(limit);
  });
});
