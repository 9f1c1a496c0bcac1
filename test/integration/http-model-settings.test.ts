import { afterEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/platform/config/config.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { plainEmbedder } from '../support/fake-models.ts';
import { finalEvent, openService, say } from '../support/in-memory-service.ts';
import { failing } from '../support/openai-faults.ts';
import { type ChatBehaviour, startOpenAiServer } from '../support/openai-server.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Starts a service with these settings and the address of a model server. */
const open = async (settings: NodeJS.ProcessEnv = {}, chat?: ChatBehaviour) => {
  const server = await startOpenAiServer(chat ? { chat } : {});
  const config = readConfig({ OPENAI_BASE_URL: server.url, TURNSTONE_LOG: 'silent', ...settings });
  const { languageModel, close } = createLocalPlatform({ path: ':memory:', ...config });
  const service = await openService({ ...config, languageModel, embedder: plainEmbedder });
  closers.push(service.close, close, server.close);
  const { client } = service;
  const add = async (user: string): Promise<string> =>
    (await client('POST /v1/turns', { body: say('I like tea.', user) })).body.event_id;
  return { client, server, add };
};

const never = { fault: 'hang' } as const;

describe('the chat model of the settings', () => {
  it('the default chat model is gpt-6-luna without reasoning', async () => {
    const { client, server, add } = await open();

    await finalEvent(client, await add('alice'));

    expect(server.chats()).toMatchObject([{ model: 'gpt-6-luna', reasoning_effort: 'none' }]);
    expect(server.chats()[0]).not.toHaveProperty('max_tokens');
  });

  it('the chat model gets the effort and the token limit of the settings', async () => {
    const { client, server, add } = await open({
      TURNSTONE_MODEL: 'other',
      TURNSTONE_MODEL_EFFORT: 'high',
      TURNSTONE_MODEL_MAX_TOKENS: '1234',
    });

    await finalEvent(client, await add('alice'));

    expect(server.chats()).toMatchObject([
      { model: 'other', reasoning_effort: 'high', max_tokens: 1_234 },
    ]);
  });

  it('the chat model chooses its effort if set to default', async () => {
    const { client, server, add } = await open({ TURNSTONE_MODEL_EFFORT: 'default' });

    await finalEvent(client, await add('alice'));

    expect(server.chats()).toHaveLength(1);
    expect(server.chats()[0]).not.toHaveProperty('reasoning_effort');
  });

  it('the chat model never gets a rejected parameter again: a temperature', async () => {
    const { client, server, add } = await open({}, (request) =>
      request.temperature === undefined
        ? { content: '{"changes":[{"turn":1,"op":"ADD","text":"tea"}]}' }
        : failing(400, { message: 'Unsupported value: temperature', param: 'temperature' }),
    );

    for (const user of ['alice', 'bob', 'carol'])
      expect((await finalEvent(client, await add(user))).status).toBe('SUCCEEDED');

    expect(server.chats().map(({ temperature }) => temperature)).toEqual([
      0,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('a call of the chat model is given up after the timeout of the settings', async () => {
    const { client, server, add } = await open({ TURNSTONE_MODEL_TIMEOUT_MS: '1000' }, never);

    const id = await add('alice');
    await expect.poll(() => server.requests[0]?.abandoned, { timeout: 10_000 }).toBe(true);
    await expect
      .poll(async () => (await client(`GET /v1/events/${id}`)).body.waiting_for, {
        timeout: 10_000,
      })
      .toBe('model');
    const { body } = await client(`GET /v1/events/${id}`);

    expect(body.error).toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('did not answer within 1 s'),
    });
  });

  it.each([
    [{}, 8],
    [{ TURNSTONE_MODEL_CONCURRENCY: '2' }, 2],
  ])('the chat model gets at most so many calls at once: %j, %i', async (settings, max) => {
    const { server, add } = await open(settings, never);

    for (let user = 0; user < 12; user++) await add(`user-${user}`);
    await expect.poll(() => server.chats().length, { timeout: 10_000 }).toBe(max);
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(server.chats()).toHaveLength(max);
  });
});
