import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import type { DecideRequest, Decision, ModelFailure } from '../../shared/ports/language-model.ts';
import {
  type Fault,
  failing,
  rateLimited,
  truncated,
  withoutFormats,
} from '../support/openai-faults.ts';
import { type OpenAiServerOptions, startOpenAiServer } from '../support/openai-server.ts';

const never = new AbortController().signal;
const secret = 'I live in Lisbon.';

const request: DecideRequest = {
  turns: [
    {
      messages: [{ role: 'user', content: secret }],
      observedAt: Date.parse('2026-11-21T14:05:00Z'),
      options: { infer: true },
    },
  ],
  memories: [{ text: 'User lives in Oslo.', observedAt: 0 }],
};

const answer = (...changes: { [key: string]: unknown }[]) => ({
  content: JSON.stringify({ changes }),
});

const update = { turn: 1, op: 'UPDATE', target: 'M1', text: 'User lives in Lisbon.', message: 1 };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const start = async (
  options: OpenAiServerOptions = {},
  settings: { apiKey?: string; timeoutMs?: number } = {},
) => {
  const server = await startOpenAiServer(options);
  closers.push(server.close);
  const model = createOpenAiLanguageModel({ baseUrl: server.url, model: 'gpt-test', ...settings });
  return { server, model, decide: () => model.decide(request, never) };
};

const failure = async (deciding: Promise<Decision>): Promise<ModelFailure> => {
  const decision = await deciding;
  if (decision.ok) throw new Error('a failure was expected');
  expect(decision.message).not.toContain('Lisbon');
  return decision;
};

describe('a decision', () => {
  it('an answer becomes changes with positions from 0, and reports the usage of the provider', async () => {
    const { server, decide } = await start();
    server.chatNext(answer(update));

    const decision = await decide();

    expect(decision).toMatchObject({
      ok: true,
      changes: [
        {
          turn: 0,
          type: 'UPDATE',
          target: { memory: 0 },
          text: 'User lives in Lisbon.',
          message: 0,
        },
      ],
    });
    expect(decision.usage.prompt).toBeGreaterThan(100);
    expect(decision.usage.completion).toBeGreaterThan(5);
  });

  it('a request has a strict schema, temperature 0 and the given API key', async () => {
    const { server, decide } = await start({ apiKey: 'sk-1' }, { apiKey: 'sk-1' });

    await decide();

    const [body] = server.chats();
    expect(body).toMatchObject({ model: 'gpt-test', temperature: 0 });
    expect(body?.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { strict: true },
    });
  });

  it('an answer with reasoning, a code fence and missing keys is read', async () => {
    const { server, decide } = await start();
    const { content } = answer({ turn: '1', op: 'add', text: ' User lives in Lisbon. ' });
    server.chatNext({ content: `<think>{hm}</think>\n\`\`\`json\n${content}\n\`\`\`` });

    const decision = await decide();

    expect(decision).toMatchObject({
      ok: true,
      changes: [{ turn: 0, type: 'ADD', text: 'User lives in Lisbon.' }],
    });
  });
});

describe('a server without some features of the API', () => {
  it('a server that refuses a schema is asked for json_object, at once in the next request', async () => {
    const { server, decide } = await start({ chat: withoutFormats('json_schema') });

    await decide();
    await decide();

    expect(server.chats().map(({ response_format }) => response_format?.type)).toEqual([
      'json_schema',
      'json_object',
      'json_object',
    ]);
  });

  it('a server without response formats is asked for plain text', async () => {
    const { server, decide } = await start({ chat: withoutFormats('json_schema', 'json_object') });

    const decision = await decide();
    await decide();

    expect(decision.ok).toBe(true);
    expect(server.chats().map(({ response_format }) => response_format?.type)).toEqual([
      'json_schema',
      'json_object',
      undefined,
      undefined,
    ]);
  });

  it('a refused temperature is left out, and the schema stays', async () => {
    const { server, decide } = await start();
    server.chatNext(failing(400, { param: 'temperature', code: 'unsupported_value' }));

    await decide();

    const last = server.chats().at(-1);
    expect(last?.temperature).toBeUndefined();
    expect(last?.response_format?.type).toBe('json_schema');
  });

  it('the strongest dialect is tried again after weaker ones did not help', async () => {
    const { server, decide } = await start();
    server.chatNext(...Array.from({ length: 5 }, () => failing(400)));

    const error = await failure(decide());
    await decide();

    expect(error).toMatchObject({ code: 'model_rejected', about: 'turn' });
    expect(server.chats().at(-1)?.response_format?.type).toBe('json_schema');
  });
});

describe('an unusable answer', () => {
  it.each([
    ['prose', { content: 'Sure! The user lives in Lisbon.' }],
    ['truncated JSON', truncated],
    ['another shape', { content: '{"facts":["User lives in Lisbon."]}' }],
    ['an unknown operation', answer({ turn: 1, op: 'MERGE', text: 'x' })],
    ['a turn that is not there', answer({ ...update, turn: 2 })],
    ['a memory that is not there', answer({ ...update, target: 'M2' })],
    ['an empty text', answer({ ...update, text: ' ' })],
    ['no content', { content: '' }],
  ])('an unusable answer is requested once more, with its problem: %s', async (_, unusable) => {
    const { server, decide } = await start();
    server.chatNext(unusable, answer(update));

    const decision = await decide();

    expect(decision).toMatchObject({ ok: true, changes: [{ type: 'UPDATE' }] });
    const [once, twice] = server.chats();
    expect(twice?.messages.slice(0, 2)).toEqual(once?.messages);
    expect(twice?.messages.at(-1)?.content).toMatch(/^That answer cannot be used: .*\. Answer/);
  });

  it('a second unusable answer fails the turn, with the usage of both requests', async () => {
    const { server, decide } = await start();
    server.chatNext(truncated, { content: `Lisbon, then? ${secret}` });

    const decision = await decide();

    expect(decision).toMatchObject({ ok: false, code: 'model_invalid_answer', about: 'turn' });
    if (decision.ok) throw new Error('junk was accepted');
    expect(decision.message).not.toContain('Lisbon');
    expect(server.chats()).toHaveLength(2);
    expect(decision.usage.prompt).toBeGreaterThan(1_000);
  });

  it.each<[string, 'length' | 'refusal', Parameters<typeof answerWith>[0]]>([
    ['cut off for length', 'length', { content: '{"changes":[', finish: 'length' }],
    ['filtered', 'refusal', { content: '', finish: 'content_filter' }],
    ['refused', 'refusal', { refusal: 'I cannot help with that.' }],
    ['too long to ask', 'length', failing(400, { code: 'context_length_exceeded' })],
    ['too long for a local server', 'length', failing(400, { message: 'exceeds context length' })],
    ['too large to send', 'length', failing(413)],
    ['filtered before the model saw it', 'refusal', failing(400, { code: 'content_filter' })],
  ])('a refusal or an overlong turn fails without another request: %s', async (_, fault, reply) => {
    const { server, decide } = await answerWith(reply);

    const decision = await decide();

    expect(decision).toMatchObject({ ok: false, code: `model_${fault}`, about: 'turn' });
    expect(server.chats()).toHaveLength(1);
  });
});

const answerWith = async (chat: NonNullable<OpenAiServerOptions['chat']>) => await start({ chat });

describe('a language model that fails', () => {
  it.each<[string, string, Fault]>([
    ['a refused key', 'model_unauthorized', failing(401)],
    ['a forbidden key', 'model_unauthorized', failing(403)],
    ['an unknown model', 'model_unknown', failing(404, { code: 'model_not_found' })],
    ['a rate limit', 'model_rate_limited', rateLimited('7')],
    ['a failing server', 'model_unavailable', failing(500, { message: secret })],
    ['an overloaded server', 'model_unavailable', failing(503)],
    ['a dropped connection', 'model_unavailable', { fault: 'drop' }],
    ['a page instead of JSON', 'model_unavailable', { fault: 'body', body: '<html>' }],
  ])(
    'a failure of the model has its own code, takes one request and quotes nothing: %s',
    async (_, code, fault) => {
      const { server, decide } = await answerWith(fault);

      const error = await failure(decide());

      expect(error.code).toBe(code);
      expect(error.about).toBe('service');
      expect(server.chats()).toHaveLength(1);
    },
  );

  it('the `Retry-After` of a rate limit is passed on', async () => {
    const { server, decide } = await start();
    const soon = new Date(Date.now() + 90_000).toUTCString();
    server.chatNext(rateLimited('7'), rateLimited(soon), rateLimited('250', 'retry-after-ms'));

    const waits = [await failure(decide()), await failure(decide()), await failure(decide())];

    const [seconds, date, milliseconds] = waits.map(({ retryAfterMs }) => retryAfterMs);
    expect(seconds).toBe(7_000);
    expect(date).toBeGreaterThan(80_000);
    expect(date).toBeLessThanOrEqual(90_000);
    expect(milliseconds).toBe(250);
  });

  it('a server that does not listen is unavailable', async () => {
    const { server, decide } = await start();
    await server.close();

    const error = await failure(decide());

    expect(error.code).toBe('model_unavailable');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('a missing API key fails without a request', async () => {
    const model = createOpenAiLanguageModel({ model: 'gpt-test' });

    const error = await failure(model.decide(request, never));

    expect(error.code).toBe('model_key_missing');
  });

  it.each<Fault>([{ fault: 'hang' }, { fault: 'stall' }])(
    'is not waited for without end: $fault',
    async (fault) => {
      const { server, decide } = await start({ chat: fault }, { timeoutMs: 100 });

      const error = await failure(decide());

      expect(error.code).toBe('model_unavailable');
      expect(error.message).toContain('did not answer within 0.1 s');
      expect(server.chats()).toHaveLength(1);
    },
  );

  it.each<Fault>([{ fault: 'hang' }, { fault: 'stall' }])(
    'is left when the signal aborts: $fault',
    async (fault) => {
      const { server, model } = await start({ chat: fault });
      const abort = new AbortController();
      const reason = new Error('lease lost');

      const deciding = model.decide(request, abort.signal);
      setTimeout(() => abort.abort(reason), 50);

      await expect(deciding).rejects.toBe(reason);
      await expect.poll(() => server.requests[0]?.abandoned).toBe(true);
    },
  );
});
