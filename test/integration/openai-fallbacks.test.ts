import { afterEach, describe, expect, it } from 'vitest';
import {
  createOpenAiLanguageModel,
  type OpenAiModelSettings,
} from '../../shared/adapters/openai/language-model.ts';
import type { DecideRequest, Decision } from '../../shared/ports/language-model.ts';
import { answerFacts } from '../support/openai-facts.ts';
import { type Fault, failing } from '../support/openai-faults.ts';
import { type ChatBehaviour, startOpenAiServer } from '../support/openai-server.ts';
import type { ChatRequest } from '../support/openai-wire.ts';

const never = new AbortController().signal;
const request: DecideRequest = {
  turns: [
    {
      messages: [{ role: 'user', content: 'I live in Lisbon.' }],
      observedAt: 0,
      options: { infer: true },
    },
  ],
  memories: [],
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const start = async (chat: ChatBehaviour, settings: Partial<OpenAiModelSettings> = {}) => {
  const server = await startOpenAiServer({ chat });
  closers.push(server.close);
  const model = createOpenAiLanguageModel({
    baseUrl: server.url,
    model: 'gpt-test',
    effort: 'none',
    maxTokens: 900,
    ...settings,
  });
  return { server, model, decide: () => model.decide(request, never) };
};

/** Server that refuses requests with the fault that `refuses` returns. */
const refusing =
  (refuses: (body: ChatRequest & { [field: string]: unknown }) => boolean, fault: Fault) =>
  (body: ChatRequest) =>
    refuses({ ...body }) ? fault : answerFacts(body);

const hasSchema = (body: ChatRequest): boolean => body.response_format?.type === 'json_schema';
const hasFormat = (body: ChatRequest): boolean => body.response_format !== undefined;
const hasSystem = (body: ChatRequest): boolean => body.messages[0]?.role === 'system';

const failureOf = (decision: Decision) => {
  if (decision.ok) throw new Error('a failure was expected');
  return decision;
};

describe('a server that does not support a part of a request', () => {
  it.each<[string, ChatBehaviour, (body: ChatRequest & { [field: string]: unknown }) => unknown]>([
    [
      'a grammar that it fails to parse (400)',
      refusing(hasSchema, failing(400, { message: 'failed to parse grammar' })),
      (body) => body.response_format?.type,
    ],
    [
      'a grammar that it fails to parse (500)',
      refusing(hasFormat, failing(500, { message: 'failed to parse grammar' })),
      hasFormat,
    ],
    [
      'no endpoint for the parameters (404)',
      refusing(
        hasFormat,
        failing(404, { message: 'No endpoints found that support the requested parameters' }),
      ),
      hasFormat,
    ],
    [
      'formats that are not implemented (501)',
      refusing(hasFormat, failing(501, { message: 'response_format is not implemented' })),
      hasFormat,
    ],
    [
      'formats, in words of another kind (422)',
      refusing(hasFormat, failing(422, { message: 'guided decoding is off' })),
      hasFormat,
    ],
    [
      'the role of the system (400)',
      refusing(hasSystem, failing(400, { message: 'System role not supported' })),
      hasSystem,
    ],
    [
      'the role of the system, by a template that fails (500)',
      refusing(
        hasSystem,
        failing(500, { message: 'Jinja Exception: Conversation roles must alternate' }),
      ),
      hasSystem,
    ],
    [
      'the temperature',
      refusing(
        ({ temperature }) => temperature !== undefined,
        failing(400, { param: 'temperature' }),
      ),
      ({ temperature }) => temperature,
    ],
    [
      'the effort',
      refusing(
        (body) => body['reasoning_effort'] !== undefined,
        failing(400, { message: 'Unrecognized request argument supplied: reasoning_effort' }),
      ),
      (body) => body['reasoning_effort'],
    ],
    [
      'the name of the limit',
      refusing(
        (body) => body['max_tokens'] !== undefined,
        failing(400, { message: "Use 'max_completion_tokens' instead.", param: 'max_tokens' }),
      ),
      (body) => body['max_tokens'],
    ],
    [
      'the limit by either name',
      refusing(
        (body) => body['max_tokens'] !== undefined || body['max_completion_tokens'] !== undefined,
        failing(400, { message: 'max_tokens: extra fields not permitted' }),
      ),
      (body) => body['max_completion_tokens'] ?? body['max_tokens'],
    ],
  ])('an unsupported part is left out, at once in the next request: %s', async (_, chat, part) => {
    const { server, decide } = await start(chat);

    const first = await decide();
    const asked = server.chats().length;
    const second = await decide();

    expect([first.ok, second.ok]).toEqual([true, true]);
    expect(asked).toBeGreaterThan(1);
    expect(server.chats()).toHaveLength(asked + 1);
    const seen = (body: ChatRequest | undefined) => part({ model: '', messages: [], ...body });
    expect(seen(server.chats()[0])).toBeDefined();
    expect(seen(server.chats().at(-1))).not.toBe(seen(server.chats()[0]));
  });

  it('a server without the system role gets the system prompt in the user message', async () => {
    const { server, decide } = await start(
      refusing(hasSystem, failing(400, { message: 'System role not supported' })),
    );

    await decide();

    const [first, second] = server.chats();
    const [system, user] = first?.messages ?? [];
    expect(second?.messages).toEqual([
      { role: 'user', content: `${system?.content}\n\n${user?.content}` },
    ]);
  });

  it('a supported part stays after the refusal of another', async () => {
    const { server, decide } = await start(
      refusing(
        ({ temperature }) => temperature !== undefined,
        failing(400, { param: 'temperature' }),
      ),
    );

    await decide();

    expect(server.chats().at(-1)).toMatchObject({
      reasoning_effort: 'none',
      max_tokens: 900,
      response_format: { type: 'json_schema' },
    });
  });
});

describe('a refusal of the weakest dialect', () => {
  it.each<[string, string, 'turn' | 'service', number, Fault]>([
    ['a server that fails', 'model_unavailable', 'service', 1, failing(500)],
    ['an unknown model', 'model_unknown', 'service', 1, failing(404)],
    [
      'an unknown model, as a 400',
      'model_unknown',
      'service',
      1,
      failing(400, { message: 'model gpt-test not found' }),
    ],
    [
      'a template that always fails',
      'model_unavailable',
      'service',
      5,
      failing(500, { message: 'template error' }),
    ],
    [
      'no endpoint at all',
      'model_unknown',
      'service',
      5,
      failing(404, { message: 'No endpoints found for it' }),
    ],
    ['a refusal of everything', 'model_rejected', 'turn', 5, failing(400)],
    ['spent credit', 'model_quota_exhausted', 'service', 1, failing(402)],
    [
      'a spent quota',
      'model_quota_exhausted',
      'service',
      1,
      failing(429, { code: 'insufficient_quota' }),
    ],
    ['a wrong method', 'model_unavailable', 'service', 1, failing(405)],
    [
      'a rate limit with status 200',
      'model_rate_limited',
      'service',
      1,
      { fault: 'body', body: '{"error":{"code":429,"message":"Slow down."}}' },
    ],
  ])(
    'a refusal of the weakest dialect fails the decision: %s',
    async (_, code, about, requests, fault) => {
      const { server, decide } = await start(fault);

      const failure = failureOf(await decide());

      expect(failure).toMatchObject({ code, about, retryable: true });
      expect(server.chats()).toHaveLength(requests);
    },
  );

  it('the message of a failed decision names the server and the status of its answer', async () => {
    const { server, decide } = await start(failing(503));

    const failure = failureOf(await decide());

    const { host } = new URL(server.url);
    expect(failure.message).toBe(`The language model at ${host} answered 503.`);
  });

  it('a failed decision reports the tokens of its earlier requests', async () => {
    const { server, decide } = await start(failing(503));
    server.chatNext({ content: 'No JSON.' });

    const failure = failureOf(await decide());

    expect(failure.code).toBe('model_unavailable');
    expect(failure.usage.prompt).toBeGreaterThan(100);
  });
});
