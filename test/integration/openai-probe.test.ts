import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createOpenAiLanguageModel,
  type OpenAiModelSettings,
} from '../../shared/adapters/openai/language-model.ts';
import type { DecideRequest } from '../../shared/ports/language-model.ts';
import { answerFacts } from '../support/openai-facts.ts';
import { type Fault, failing } from '../support/openai-faults.ts';
import { type ChatBehaviour, startOpenAiServer } from '../support/openai-server.ts';

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

describe('a redirect', () => {
  it.each(['chat', 'probe'] as const)('a redirect is never followed: %s', async (kind) => {
    const { server } = await start(answerFacts);
    const away = createServer((_, response) => {
      response.writeHead(307, { location: `${server.url}/chat/completions` }).end();
    });
    await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
    closers.push(async () => void away.close());
    const { port } = away.address() as AddressInfo;
    const model = createOpenAiLanguageModel({
      baseUrl: `http://127.0.0.1:${port}/v1`,
      model: 'gpt-test',
      apiKey: 'sk-secret',
    });

    const answer = kind === 'chat' ? await model.decide(request, never) : await model.probe(never);

    expect(answer).toMatchObject({
      ok: false,
      code: 'model_unavailable',
      message: expect.stringContaining(' answered with a redirect, which is not followed.'),
    });
    expect(server.requests).toEqual([]);
  });
});

describe('a probe', () => {
  it('a probe is a small request without data of customers', async () => {
    const { server, model } = await start(answerFacts);

    expect(await model.probe(never)).toEqual({ ok: true });

    expect(server.chats()).toEqual([
      {
        model: 'gpt-test',
        messages: [{ role: 'user', content: 'Answer: ok' }],
        reasoning_effort: 'none',
        max_tokens: 16,
      },
    ]);
  });

  it.each<[string, Fault, object]>([
    ['a refusal of the request', failing(400), { ok: true }],
    [
      'a rate limit',
      { fault: 'status', status: 429, headers: { 'retry-after': '9' } },
      { ok: false, code: 'model_rate_limited', retryAfterMs: 9_000 },
    ],
    ['an unknown model', failing(404), { ok: false, code: 'model_unknown' }],
    ['a dropped connection', { fault: 'drop' }, { ok: false, code: 'model_unavailable' }],
  ])('a probe reports whether the model responds: %s', async (_, fault, expected) => {
    const { model } = await start(fault);

    expect(await model.probe(never)).toMatchObject(expected);
  });

  it('probes and decisions both determine the health', async () => {
    const { server, model, decide } = await start(answerFacts);
    const before = model.health?.();
    server.chatNext(failing(401), failing(503));

    await decide();
    const failing1 = model.health?.();
    await model.probe(never);
    const failing2 = model.health?.();
    await decide();

    expect([before, model.health?.()]).toEqual([{ status: 'ok' }, { status: 'ok' }]);
    expect(failing1).toMatchObject({ status: 'degraded', code: 'model_unauthorized' });
    expect(failing2).toMatchObject({ code: 'model_unavailable', since: failing1?.since });
  });
});
