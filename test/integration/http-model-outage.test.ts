import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { sweep } from '../../shared/core/sweep.ts';
import type { LocalOptions } from '../../shared/platform/local.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { type Answer, openService, say, type TestService } from '../support/in-memory-service.ts';
import { answerFacts } from '../support/openai-facts.ts';
import { type Fault, failing, rateLimited } from '../support/openai-faults.ts';
import { type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';
import type { ChatReply, ChatRequest } from '../support/openai-wire.ts';

let server: OpenAiServer;
let service: TestService;
/** Fault of the model server; undefined if the server answers. */
let trouble: ((request: ChatRequest) => Fault | undefined) | undefined;

const saidIn = ({ messages }: ChatRequest): string => messages.map((m) => m.content).join('\n');
const isProbe = (request: ChatRequest): boolean => saidIn(request).length < 100;

/** Clock that runs 200 times as fast, so that backoff takes little time. */
const open = async (options: LocalOptions = {}): Promise<TestService> => {
  server = await startOpenAiServer({
    chat: (request): ChatReply | Fault => trouble?.(request) ?? answerFacts(request),
  });
  const clock = createFastClock(200);
  return openService({
    clock,
    refineSchedule: [1, 5],
    languageModel: createOpenAiLanguageModel({
      apiKey: 'key',
      baseUrl: server.url,
      model: 'gpt-test',
    }),
    ...options,
  });
};

beforeEach(async () => {
  trouble = undefined;
  service = await open();
});
afterEach(async () => {
  await service.close();
  await server.close();
});

const add = async (text: string, user = 'alice', more = {}): Promise<string> => {
  const body = { ...say(text, user), ...more };
  return (await service.client('POST /v3/memories/add', { body })).body.event_id;
};

const eventOnce = async (id: string, isSo: (event: Answer['body']) => boolean) => {
  for (let look = 0; look < 400; look++) {
    const { body } = await service.client(`GET /v1/events/${id}`);
    if (isSo(body)) return body;
    await sweep(service.platform);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the event never came to be so');
};
const isWaiting = ({ waiting_for: what }: Answer['body']): boolean => what === 'model';
const isOver = ({ status }: Answer['body']): boolean => !['PENDING', 'RUNNING'].includes(status);

describe('while the language model cannot be used', () => {
  it.each([
    ['is rate limited', () => rateLimited('1'), 'model_rate_limited'],
    ['refuses the key', () => failing(401), 'model_unauthorized'],
    ['refuses access', () => failing(403), 'model_unauthorized'],
    ['is not there', () => failing(404), 'model_unknown'],
    ['answers 500', () => failing(500), 'model_unavailable'],
    ['breaks off', (): Fault => ({ fault: 'drop' }), 'model_unavailable'],
  ])(
    'while the language model %s, a turn waits, says so, and uses up no attempts',
    async (_, fault, code) => {
      trouble = fault;
      const id = await add('I live in Lisbon.');

      const waiting = await eventOnce(id, isWaiting);
      await service.platform.clock.sleep(120_000);
      const later = await eventOnce(id, isWaiting);
      trouble = undefined;
      const done = await eventOnce(id, isOver);

      const error = { code, retryable: true };
      expect(waiting).toMatchObject({ waiting_for: 'model', error });
      expect(later).toMatchObject({ waiting_for: 'model', error, attempts: 0 });
      expect(done).toMatchObject({
        status: 'SUCCEEDED',
        waiting_for: null,
        error: null,
        attempts: 1,
      });
    },
  );

  it('an unavailable model gets only rare probes, without any text of a customer', async () => {
    trouble = () => failing(503);
    const ids = await Promise.all(
      ['alice', 'bob', 'carol'].map((user) => add('I like tea.', user)),
    );
    await Promise.all(ids.map((id) => eventOnce(id, isWaiting)));
    const before = server.chats().length;

    const more = await Promise.all(['dave', 'erin'].map((user) => add('I like tea.', user)));
    await Promise.all(more.map((id) => eventOnce(id, isWaiting)));
    await service.platform.clock.sleep(300_000);

    const since = server.chats().slice(before);
    expect(since.every(isProbe)).toBe(true);
    expect(since.length).toBeGreaterThan(0);
    expect(since.length).toBeLessThan(20);
    expect(since.map(saidIn).join()).not.toContain('tea');
  });

  it('a turn that needs no model is refined during an outage', async () => {
    trouble = () => failing(500);
    await eventOnce(await add('I live in Lisbon.'), isWaiting);

    const done = await eventOnce(await add('Likes tea.', 'bob', { infer: false }), isOver);

    expect(done).toMatchObject({ status: 'SUCCEEDED', waiting_for: null, error: null });
  });
});

describe('a turn whose own request fails while the model serves others', () => {
  const isBad = (request: ChatRequest): boolean => saidIn(request).includes('Atlantis');

  it.each([404, 500, 429, 402, 403])(
    'a turn whose own request fails with %i uses up its attempts, and it alone ends as FAILED',
    async (status) => {
      trouble = (request) => (isBad(request) ? failing(status) : undefined);
      const [good, bad, last] = [
        await add('I live in Lisbon.'),
        await add('I live in Atlantis.'),
        await add('I like tea.'),
      ];

      const failed = await eventOnce(bad, isOver);
      const others = [await eventOnce(good, isOver), await eventOnce(last, isOver)];

      expect(failed).toMatchObject({ status: 'FAILED', attempts: 3, error: { retryable: true } });
      expect(others.map((event) => event.status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    },
  );

  it('a turn whose own request fails delays no other user', async () => {
    trouble = (request) => (isBad(request) ? failing(500) : undefined);
    await add('I live in Atlantis.');

    const others = ['bob', 'carol'].map(async (user) =>
      eventOnce(await add('I like tea.', user), (event) => isWaiting(event) || isOver(event)),
    );

    for (const event of await Promise.all(others)) expect(event.status).toBe('SUCCEEDED');
  });
});

describe('a turn that has waited for the model for too long', () => {
  it('a turn that has waited too long for the model ends FAILED with a reason, stays visible, and can be retried', async () => {
    trouble = () => failing(401);
    const id = await add('I live in Lisbon.');
    const plain = await add('Likes tea.', 'alice', { infer: false });
    await eventOnce(id, isWaiting);

    service.platform.policy.modelGiveUpHours = 1 / 60;
    const failed = await eventOnce(id, isOver);
    const behind = await eventOnce(plain, isOver);
    const found = await service.client('POST /v3/memories/search', {
      body: { query: 'Lisbon', filters: { user_id: 'alice' } },
    });
    trouble = undefined;
    await service.client(`POST /v1/events/${id}/retry`);
    const done = await eventOnce(id, isOver);

    expect(failed).toMatchObject({
      status: 'FAILED',
      attempts: 0,
      waiting_for: null,
      error: { code: 'model_unavailable', retryable: true },
    });
    expect(behind.status).toBe('SUCCEEDED');
    expect(found.body.results[0].memory).toContain('Lisbon');
    expect(done.status).toBe('SUCCEEDED');
  });

  it('a turn has a new time to wait after a retry', async () => {
    trouble = () => failing(401);
    service.platform.policy.modelGiveUpHours = 1 / 6;
    const id = await add('I live in Lisbon.');
    await eventOnce(id, isOver);

    await service.client(`POST /v1/events/${id}/retry`);
    await service.platform.clock.sleep(200_000);
    const waiting = (await service.client(`GET /v1/events/${id}`)).body;

    expect(waiting).toMatchObject({ waiting_for: 'model' });
  });
});
