import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { sweep } from '../../shared/core/sweep.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { type Answer, openService, say, type TestService } from '../support/in-memory-service.ts';
import { answerFacts } from '../support/openai-facts.ts';
import { type Fault, failing } from '../support/openai-faults.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import type { ChatReply, ChatRequest } from '../support/openai-wire.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Clock that runs 200 times as fast, except for the timeout of the model. */
const openOn = async (baseUrl: string): Promise<TestService> => {
  const languageModel = createOpenAiLanguageModel({
    apiKey: 'key',
    baseUrl,
    model: 'gpt-test',
    timeoutMs: 200,
  });
  const clock = createFastClock(200);
  const service = await openService({ clock, refineSchedule: [1, 5], languageModel });
  closers.push(service.close);
  return service;
};

const open = async (chat: (request: ChatRequest) => ChatReply | Fault) => {
  const server = await startOpenAiServer({ chat });
  const service = await openOn(server.url);
  closers.push(server.close);
  return service;
};

const add = async ({ client }: TestService, text: string, user = 'alice'): Promise<string> =>
  (await client('POST /v1/turns', { body: say(text, user) })).body.event_id;

const eventOnce = async (
  { client, platform }: TestService,
  id: string,
  isSo: (event: Answer['body']) => boolean,
): Promise<Answer['body']> => {
  for (let look = 0; look < 1_000; look++) {
    const { body } = await client(`GET /v1/events/${id}`);
    if (isSo(body)) return body;
    await sweep(platform);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the event never came to be so');
};
const isWaiting = ({ waiting_for: what }: Answer['body']): boolean => what === 'model';
const isOver = ({ status }: Answer['body']): boolean => !['PENDING', 'RUNNING'].includes(status);
const health = async ({ client }: TestService) => (await client('GET /v1/health')).body;

describe('a model that never answers', () => {
  it.each<Fault>([{ fault: 'hang' }, { fault: 'stall' }])(
    'a model that never answers delays a turn without using up attempts, is degraded in the health, and refines the turn once it is back: $fault',
    async (fault) => {
      let isBack = false;
      const service = await open((request) => (isBack ? answerFacts(request) : fault));
      const before = await health(service);
      const id = await add(service, 'I live in Lisbon.');

      const waiting = await eventOnce(service, id, isWaiting);
      const during = await health(service);
      isBack = true;
      const done = await eventOnce(service, id, isOver);

      const error = { code: 'model_unavailable', retryable: true };
      expect(waiting).toMatchObject({ waiting_for: 'model', error, attempts: 0 });
      expect(done).toMatchObject({ status: 'SUCCEEDED', waiting_for: null, attempts: 1 });
      expect(before.status).toBe('ok');
      expect(during).toMatchObject({
        status: 'degraded',
        health: { model: { status: 'degraded', code: 'model_unavailable' } },
      });
      expect((await health(service)).status).toBe('ok');
    },
  );

  it('a model server that does not listen delays a turn without using up attempts', async () => {
    const noServer = createServer();
    await new Promise<void>((resolve) => noServer.listen(0, '127.0.0.1', resolve));
    const address = noServer.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => noServer.close(resolve));
    const service = await openOn(`http://127.0.0.1:${port}/v1`);

    const waiting = await eventOnce(service, await add(service, 'I like tea.'), isWaiting);

    expect(waiting).toMatchObject({ error: { code: 'model_unavailable' }, attempts: 0 });
  });

  it('a model whose quota is spent is reported as such, not as a rate limit', async () => {
    const service = await open(() => failing(429, { code: 'insufficient_quota' }));

    const waiting = await eventOnce(service, await add(service, 'I like tea.'), isWaiting);

    expect(waiting.error).toMatchObject({ code: 'model_quota_exhausted' });
    expect((await health(service)).health.model).toMatchObject({ code: 'model_quota_exhausted' });
  });
});

describe('a turn that a model never answers, though it answers others', () => {
  it.each<Fault>([{ fault: 'hang' }, { fault: 'stall' }, { fault: 'drop' }])(
    'a turn that the model never answers uses up its attempts and alone ends FAILED: $fault',
    async (fault) => {
      const isBad = ({ messages }: ChatRequest) =>
        messages.some(({ content }) => content.includes('Atlantis'));
      const service = await open((request) => (isBad(request) ? fault : answerFacts(request)));
      const bad = await add(service, 'I live in Atlantis.');
      const behind = await add(service, 'I like tea.');
      const other = await add(service, 'I like tea.', 'bob');

      const failed = await eventOnce(service, bad, isOver);
      const others = [
        await eventOnce(service, behind, isOver),
        await eventOnce(service, other, isOver),
      ];

      expect(failed).toMatchObject({
        status: 'FAILED',
        attempts: 3,
        error: { code: 'model_unavailable', retryable: true },
      });
      expect(others.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    },
  );
});
