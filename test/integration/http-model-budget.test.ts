import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { spentBudget } from '../../shared/core/model-budget.ts';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { update } from '../../shared/core/steps.ts';
import { sweep } from '../../shared/core/sweep.ts';
import { eventKey } from '../../shared/domain/table/keys.ts';
import {
  type Answer,
  type Client,
  finalEvent,
  openService,
  say,
  type TestService,
} from '../support/in-memory-service.ts';
import { createJumpClock, type JumpClock } from '../support/jump-clock.ts';
import { answerFacts } from '../support/openai-facts.ts';
import { type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

let server: OpenAiServer;
let clock: JumpClock;
let service: TestService;

const open = async (budgets: { tokensPerDay?: number; projectTokensPerDay?: number }) => {
  service = await openService({
    clock,
    languageModel: createOpenAiLanguageModel({
      apiKey: 'key',
      baseUrl: server.url,
      model: 'gpt-test',
    }),
  });
  Object.assign(service.platform.policy, budgets);
};

beforeEach(async () => {
  server = await startOpenAiServer({ chat: answerFacts });
  clock = createJumpClock();
  // The day does not end during a test by itself.
  clock.jump(dayMs - (clock.now() % dayMs) + minuteMs);
});
afterEach(async () => {
  await service.close();
  await server.close();
});

const add = async (client: Client, text: string, user = 'alice', more = {}): Promise<string> =>
  (await client('POST /v3/memories/add', { body: { ...say(text, user), ...more } })).body.event_id;

const eventOnce = async (client: Client, id: string, isSo: (event: Answer['body']) => boolean) => {
  for (let look = 0; look < 2_000; look++) {
    const { body } = await client(`GET /v1/events/${id}`);
    if (isSo(body)) return body;
    await sweep(service.platform);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the event never came to be so');
};
const isWaiting = ({ waiting_for: what }: Answer['body']): boolean => what === 'budget';
const isOver = ({ status }: Answer['body']): boolean => !['PENDING', 'RUNNING'].includes(status);

/** Uses up budgets below the tokens of one turn. */
const spend = async (client: Client): Promise<void> => {
  const { status } = await finalEvent(client, await add(client, 'I live in Lisbon.', 'zoe'));
  expect(status).toBe('SUCCEEDED');
};

const searched = async (client: Client, query: string): Promise<string[]> => {
  const body = { query, filters: { user_id: 'alice' }, threshold: 0 };
  const { results } = (await client('POST /v3/memories/search/', { body })).body;
  return results.map(({ memory }: { memory: string }) => memory);
};

describe('a project whose tokens of the day are used up', () => {
  beforeEach(async () => {
    await open({ projectTokensPerDay: 10 });
    await spend(service.client);
  });

  it('its turns wait without an attempt, say why, and are found', async () => {
    const id = await add(service.client, 'I like green tea.');
    const waiting = await eventOnce(service.client, id, isWaiting);
    const asked = server.chats().length;
    clock.jump(80 * minuteMs);
    const later = await eventOnce(service.client, id, isWaiting);

    const error = { code: 'model_budget_spent', retryable: true };
    expect(waiting).toMatchObject({ status: 'PENDING', attempts: 0, error });
    expect(later).toMatchObject({ status: 'PENDING', attempts: 0, error });
    expect(server.chats()).toHaveLength(asked);
    expect(await searched(service.client, 'green tea')).toEqual(['user: I like green tea.']);
  });

  it('a turn that had begun waits like the others', async () => {
    const id = await add(service.client, 'I like green tea.');
    await eventOnce(service.client, id, isWaiting);
    const { id: project } = await getOrCreateProject(service.platform, 'default');
    const begun = { status: 'RUNNING', stage: 'deciding' } as const;
    await service.platform.store.transact([update(eventKey(project, id), begun)]);
    clock.jump(16 * minuteMs);

    expect(await eventOnce(service.client, id, isWaiting)).toMatchObject({ attempts: 0 });
  });

  it('rules instead of a model need no budget', async () => {
    const { id: project } = await getOrCreateProject(service.platform, 'default');
    const { languageModel } = service.platform;
    const rules = { ...languageModel, quality: 'basic' as const };

    expect(await spentBudget(service.platform, project)).toMatchObject({ limit: 10 });
    expect(await spentBudget({ ...service.platform, languageModel: rules }, project)).toBe(
      undefined,
    );
  });

  it('its turns are refined on the next day', async () => {
    const id = await add(service.client, 'I like green tea.');
    await eventOnce(service.client, id, isWaiting);
    clock.jump(dayMs);
    const done = await eventOnce(service.client, id, isOver);

    expect(done).toMatchObject({
      status: 'SUCCEEDED',
      waiting_for: null,
      error: null,
      attempts: 1,
    });
  });

  it('its turns are refined within 15 minutes once the budget is raised', async () => {
    const id = await add(service.client, 'I like green tea.');
    await eventOnce(service.client, id, isWaiting);
    Object.assign(service.platform.policy, { projectTokensPerDay: 1_000_000 });
    clock.jump(16 * minuteMs);

    expect(await eventOnce(service.client, id, isOver)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('its turns do not fail, however long they wait', async () => {
    service.platform.policy.modelGiveUpHours = 1;
    const id = await add(service.client, 'I like green tea.');
    for (let hour = 0; hour < 3; hour++) {
      await eventOnce(service.client, id, isWaiting);
      clock.jump(60 * minuteMs);
    }

    expect(await eventOnce(service.client, id, isWaiting)).toMatchObject({ attempts: 0 });
  });

  it('its turns without inference are refined', async () => {
    const id = await add(service.client, 'Likes tea.', 'alice', { infer: false });

    expect(await finalEvent(service.client, id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('other projects use their own', async () => {
    const other = await service.clientOf('other');
    const id = await add(other, 'I like green tea.');

    expect(await finalEvent(other, id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('requests that ask the model are refused, and requests that ask the embedder are not', async () => {
    const chat = await service.client('POST /api/openmem/v1/chat', {
      body: { user_id: 'alice', conversation_id: 'c', query: 'What do I like?' },
    });
    const rerank = await service.client('POST /api/openmem/v1/rerank', {
      body: { query: 'food', documents: ['She eats rice.', 'It rains.'] },
    });

    expect(chat.status).toBe(429);
    expect(Number(chat.headers.get('retry-after'))).toBeGreaterThan(3_600);
    expect(JSON.stringify(chat.body)).toContain('tokens of this day are used up');
    expect(rerank.status).toBe(200);
    expect(await searched(service.client, 'What do I like?')).toEqual([]);
  });

  it('the usage of the project says so', async () => {
    const admin = await service.clientOf('default', ['read', 'admin']);
    const { budget } = (await admin('GET /v1/usage')).body;

    expect(budget).toEqual({
      tokens: expect.any(Number),
      limit: 10,
      resets_at: new Date(Math.ceil(clock.now() / dayMs) * dayMs).toISOString(),
    });
    expect(budget.tokens).toBeGreaterThanOrEqual(10);
  });

  it('the tokens count in every process', async () => {
    // As a process that has counted nothing yet.
    delete service.platform.caches.spend;
    const id = await add(service.client, 'I like green tea.');

    expect(await eventOnce(service.client, id, isWaiting)).toMatchObject({ attempts: 0 });
  });
});

it('beyond the budget of the installation, turns of every project wait', async () => {
  await open({ tokensPerDay: 10 });
  await spend(service.client);
  const other = await service.clientOf('other');
  const id = await add(other, 'I like green tea.');

  const { error } = await eventOnce(other, id, isWaiting);
  expect(error).toMatchObject({ code: 'model_budget_spent' });
  expect((await (await service.clientOf('other', ['admin']))('GET /v1/usage')).body.budget).toBe(
    null,
  );
});

it('tokens that several workers count at once are all counted', async () => {
  await open({ projectTokensPerDay: 1_000_000 });
  const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
  const ids = await Promise.all(
    users.map((user) => add(service.client, 'I like green tea.', user)),
  );
  const events = await Promise.all(ids.map((id) => finalEvent(service.client, id)));
  const used = events.reduce((sum, { tokens }) => sum + tokens.prompt + tokens.completion, 0);

  delete service.platform.caches.spend;
  const admin = await service.clientOf('default', ['admin']);
  expect((await admin('GET /v1/usage')).body.budget.tokens).toBe(used);
});

it('without a budget no tokens are counted in the store', async () => {
  await open({});
  await spend(service.client);

  expect(service.platform.caches.spend).toBeUndefined();
});
