import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../../shared/adapters/openai/language-model.ts';
import { sweep } from '../../../shared/core/sweep.ts';
import { createFastClock } from '../../support/fast-clock.ts';
import { type Answer, openService, type TestService } from '../../support/in-memory-service.ts';
import { type MemosClient, memosClient, saying } from '../../support/memos-client.ts';
import { answerFacts } from '../../support/openai-facts.ts';
import { type Fault, failing } from '../../support/openai-faults.ts';
import { type OpenAiServer, startOpenAiServer } from '../../support/openai-server.ts';
import type { ChatReply, ChatRequest } from '../../support/openai-wire.ts';

let server: OpenAiServer;
let service: TestService;
let memos: MemosClient;
/** Answer in place of a good one; undefined if the model works. */
let trouble: ((request: ChatRequest) => Fault | ChatReply | undefined) | undefined;

beforeEach(async () => {
  trouble = undefined;
  server = await startOpenAiServer({
    chat: (request) => trouble?.(request) ?? answerFacts(request),
  });
  service = await openService({
    // 200 times as fast, except for the timeout of the model.
    clock: createFastClock(200),
    refineSchedule: [1, 5],
    languageModel: createOpenAiLanguageModel({
      apiKey: 'key',
      baseUrl: server.url,
      model: 'gpt-test',
      timeoutMs: 200,
    }),
  });
  memos = memosClient(service.client);
});
afterEach(async () => {
  await service.close();
  await server.close();
});

const started = async (content: string): Promise<string> =>
  (await memos.added(saying(content))).task_id;

const taskOnce = async (id: string, isSo: (task: Answer['body']) => boolean) => {
  for (let look = 0; look < 1_000; look++) {
    const task = await memos.task(id);
    if (isSo(task)) return task;
    await sweep(service.platform);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the task never came to be so');
};
const isWaiting = ({ waiting_for }: Answer['body']): boolean => waiting_for === 'model';
const isOver = ({ status }: Answer['body']): boolean => status !== 'running';

const roughValues = async (query: string): Promise<string[]> =>
  (await memos.search(query)).memory_detail_list
    .filter(({ tags }: { tags: string[] }) => tags.includes('mode:fast'))
    .map(({ memory_value }: { memory_value: string }) => memory_value);

const about = (word: string, request: ChatRequest): boolean =>
  request.messages.some(({ content }) => content.includes(word));

describe('a task whose own messages the model fails on', () => {
  it.each<[string, Fault | ChatReply, string]>([
    ['junk', { content: 'As an AI I like pancakes.' }, 'model_invalid_answer'],
    ['a refusal', { refusal: 'No.' }, 'model_refusal'],
    ['an error', failing(500), 'model_unavailable'],
  ])('%s ends as failed with the reason, and nothing is lost', async (_, reply, code) => {
    trouble = (request) => (about('Atlantis', request) ? reply : undefined);
    const bad = await started('I live in Atlantis.');
    const good = await started('I like tea.');

    const failed = await taskOnce(bad, isOver);
    const completed = await taskOnce(good, isOver);

    expect(failed).toMatchObject({
      status: 'failed',
      attempt: 3,
      error: { code, message: expect.stringMatching(/\.$/) },
      waiting_for: null,
    });
    expect(failed).not.toHaveProperty('memory_views');
    expect(completed).toMatchObject({ status: 'completed', error: null });
    expect(await roughValues('Atlantis')).toEqual([expect.stringContaining('Atlantis')]);
  });
});

describe('a task while the model fails for all', () => {
  it.each<[string, Fault]>([
    ['is down', failing(503)],
    ['hangs', { fault: 'hang' }],
  ])('a model that %s leaves it running until the model is back', async (_, fault) => {
    trouble = () => fault;
    const id = await started('I live in Lisbon.');

    const waiting = await taskOnce(id, isWaiting);
    const rough = await roughValues('Lisbon');
    trouble = undefined;
    const done = await taskOnce(id, isOver);

    expect(waiting).toMatchObject({
      status: 'running',
      waiting_for: 'model',
      attempt: 0,
      error: { code: 'model_unavailable', retryable: true },
    });
    expect(rough).toEqual([expect.stringContaining('Lisbon')]);
    expect(done).toMatchObject({ status: 'completed', waiting_for: null, error: null });
  });

  it('ends as failed at the give-up time, and nothing is lost', async () => {
    trouble = () => failing(503);
    const id = await started('I live in Lisbon.');
    await taskOnce(id, isWaiting);

    service.platform.policy.modelGiveUpHours = 1 / 60;
    const failed = await taskOnce(id, isOver);

    expect(failed).toMatchObject({
      status: 'failed',
      attempt: 0,
      waiting_for: null,
      error: { code: 'model_unavailable', retryable: true },
    });
    expect(await roughValues('Lisbon')).toEqual([expect.stringContaining('Lisbon')]);
  });
});
