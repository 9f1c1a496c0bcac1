import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../../shared/adapters/openai/language-model.ts';
import { plainLanguageModel } from '../../support/fake-models.ts';
import { createFastClock } from '../../support/fast-clock.ts';
import { openService, type TestService } from '../../support/in-memory-service.ts';
import { type MemosClient, memosClient, saying } from '../../support/memos-client.ts';
import { failing } from '../../support/openai-faults.ts';
import { type OpenAiServer, startOpenAiServer } from '../../support/openai-server.ts';

let server: OpenAiServer;
let service: TestService;
let memos: MemosClient;
let key: string;
beforeAll(async () => {
  server = await startOpenAiServer();
  const languageModel = createOpenAiLanguageModel({ baseUrl: server.url, model: 'm', apiKey: 'k' });
  service = await openService({ languageModel, refines: false });
  memos = memosClient(service.client);
  key = await service.keyOf();
});
afterAll(async () => {
  await service.close();
  await server.close();
});

let user = '';
let users = 0;
beforeEach(() => {
  users += 1;
  user = `user ${users}`;
});

const asking = (query: string, fields: object = {}) => ({
  user_id: user,
  conversation_id: 'c',
  query,
  ...fields,
});
const chat = (query: string, fields: object = {}) => memos.data('chat', asking(query, fields));
const kept = async (): Promise<string[]> => {
  const data = await memos.data('get/message', { user_id: user, conversation_id: 'c' });
  return data.message_detail_list.map(
    ({ role, content }: { role: string; content: string }) => `${role}: ${content}`,
  );
};

/** A model whose chats end by the signal alone. */
const hanging = () => {
  const model = {
    ...plainLanguageModel,
    asked: 0,
    chat: (_request: unknown, signal: AbortSignal): Promise<never> => {
      model.asked += 1;
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  };
  return model;
};

/** Events of a streamed chat. */
const streamed = async (fields: object = {}) => {
  const response = await service.app.request('http://x.test/api/openmem/v1/chat', {
    method: 'POST',
    headers: { authorization: `Token ${key}` },
    body: JSON.stringify(asking('What may I eat?', { stream: true, ...fields })),
  });
  const text = await response.text();
  return { response, text };
};
const eventsIn = (text: string) =>
  text
    .split('\n\n')
    .filter(Boolean)
    .map((block) => JSON.parse(block.replace('data: ', '')));

describe('chat', () => {
  it('answers with what is remembered and what was said, and keeps the exchange', async () => {
    await memos.added(saying('I am vegetarian.', { user_id: user, conversation_id: 'c' }));
    server.chatNext({ content: ' Rice. ' });

    const data = await chat('What food may a vegetarian eat?', {
      system_prompt: 'Be brief.',
      max_tokens: 50,
      temperature: 0.1,
      top_p: 0.5,
    });

    expect(data).toEqual({ response: 'Rice.', task_id: expect.any(String) });
    const request = server.chats().at(-1);
    expect(request).toMatchObject({ max_tokens: 50, temperature: 0.1, top_p: 0.5 });
    const [system, ...said] = request?.messages ?? [];
    expect(system).toMatchObject({ role: 'system', content: expect.stringMatching(/^Be brief\./) });
    expect(system?.content).toContain('I am vegetarian. (user)');
    expect(said).toEqual([
      { role: 'user', content: 'I am vegetarian.' },
      { role: 'user', content: 'What food may a vegetarian eat?' },
    ]);
    expect(await kept()).toEqual([
      'user: I am vegetarian.',
      'user: What food may a vegetarian eat?',
      'assistant: Rice.',
    ]);
    expect(await memos.task(data.task_id)).toMatchObject({ status: 'running' });
  });

  it('add_message_on_answer false keeps nothing', async () => {
    server.chatNext({ content: 'Rice.' });

    const data = await chat('What may I eat?', { add_message_on_answer: false });

    expect(data).toEqual({ response: 'Rice.', task_id: null });
    expect(await kept()).toEqual([]);
  });

  it('reasoning between tags is no part of the answer', async () => {
    server.chatNext({ content: '<think>Hm.</think>\nRice.' });
    server.chatNext({ content: '<think>Well, hm.</think>\nRice it is.' });

    const data = await chat('What may I eat?');
    const { text } = await streamed();

    expect(data.response).toBe('Rice.');
    expect(text).not.toContain('hm');
  });

  it('a server without some parameters gets none of them', async () => {
    const refusal = { message: "Unsupported parameter: 'temperature'" };
    server.chatNext(failing(400, refusal), { content: 'Rice.' }, { content: 'Tea.' });

    await chat('What may I eat?');
    await chat('What may I drink?');

    const [, second, third] = server.chats().slice(-3);
    expect([second, third].map((request) => request?.temperature)).toEqual([undefined, undefined]);
  });

  it.each([
    [{ content: '  ' }, 422, 50002, 'not_answered'],
    [failing(500), 503, 50004, 'model_unavailable'],
  ])('without an answer (%j) the query is kept, once', async (fault, status, code, reason) => {
    server.chatNext(fault, fault);

    const answers = [
      await memos.call('chat', asking('What may I eat?')),
      await memos.call('chat', asking('What may I eat?')),
    ];

    for (const answer of answers) expect(answer).toMatchObject({ status, body: { code, reason } });
    expect(await kept()).toEqual(['user: What may I eat?']);
  });

  it.each([
    [{ user_id: null }, 400, 40002, 'user_id'],
    [{ query: '' }, 400, 40003, 'query'],
    [{ max_tokens: 8_193 }, 400, 40000, 'max_tokens'],
    [{ temperature: 3 }, 400, 40000, 'temperature'],
    [{ system_prompt: 'x'.repeat(32_001) }, 413, 40305, 'query'],
  ])('the request with %j is refused by its field', async (fields, status, code, field) => {
    expect(await memos.call('chat', asking('Hi.', fields))).toMatchObject({
      status,
      body: { code, field },
    });
  });

  it('without a language model the error says what is missing', async () => {
    const { chat: _, ...languageModel } = service.platform.languageModel;
    const basic = await openService({ languageModel });

    const answer = await memosClient(basic.client).call('chat', asking('Hi.'));

    expect(answer).toMatchObject({ status: 409, body: { code: 50002, reason: 'model_required' } });
    expect(answer.body.message).toContain('OPENAI_API_KEY');
    await basic.close();
  });

  it('a model that does not answer within 25 s is error 50004, and the query is kept', async () => {
    const languageModel = hanging();
    const slow = await openService({ languageModel, refines: false, clock: createFastClock(500) });
    const asked = memosClient(slow.client);

    const answer = await asked.call('chat', asking('What may I eat?'));

    expect(answer).toMatchObject({ status: 503, body: { code: 50004, reason: 'model_timeout' } });
    const said = await asked.data('get/message', { user_id: user, conversation_id: 'c' });
    expect(said.message_detail_list).toMatchObject([{ content: 'What may I eat?' }]);
    await slow.close();
  });

  it('a client that does not wait stops the model, and the query is kept', async () => {
    const languageModel = hanging();
    const slow = await openService({ languageModel, refines: false });
    const leaving = new AbortController();
    const response = slow.app.request('http://x.test/api/openmem/v1/chat', {
      method: 'POST',
      headers: { authorization: `Token ${await slow.keyOf()}` },
      body: JSON.stringify(asking('What may I eat?')),
      signal: leaving.signal,
    });
    await expect.poll(() => languageModel.asked).toBe(1);
    leaving.abort();

    expect((await response).status).toBe(503);
    const said = { user_id: user, conversation_id: 'c' };
    expect(await memosClient(slow.client).data('get/message', said)).toMatchObject({
      message_detail_list: [{ content: 'What may I eat?' }],
    });
    await slow.close();
  });

  it('a third chat of a project at once is refused and keeps nothing', async () => {
    const languageModel = hanging();
    const slow = await openService({ languageModel, refines: false, clock: createFastClock(50) });
    const asked = memosClient(slow.client);
    const running = ['One?', 'Two?'].map((query) => asked.call('chat', asking(query)));
    await expect.poll(() => languageModel.asked).toBe(2);

    const third = await asked.call('chat', asking('Three?', { conversation_id: 'd' }));

    expect(third).toMatchObject({ status: 503, body: { code: 50004, reason: 'model_busy' } });
    const said = await asked.data('get/message', { user_id: user, conversation_id: 'd' });
    expect(said.message_detail_list).toEqual([]);
    await Promise.all(running);
    await slow.close();
  });

  it('a key without the permission to write is refused', async () => {
    const reader = memosClient(await service.clientOf('default', ['read']));

    expect((await reader.call('chat', asking('Hi.'))).body.code).toBe(40103);
  });
});

describe('a streamed chat', () => {
  it('sends parts of the answer, keeps the exchange, and ends', async () => {
    server.chatNext({ content: 'Rice and beans.' });

    const { response, text } = await streamed();

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = eventsIn(text);
    expect(events.map(({ type }) => type)).toEqual(['text', 'text', 'text', 'end']);
    expect(events.map(({ data }) => data).join('')).toBe('Rice and beans.');
    expect(events.at(-1).task_id).toEqual(expect.any(String));
    expect(await kept()).toEqual(['user: What may I eat?', 'assistant: Rice and beans.']);
  });

  it('an error before the first part is answered as any other, and the query is kept', async () => {
    server.chatNext(failing(503));

    const { response, text } = await streamed();

    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ code: 50004, data: null });
    expect(await kept()).toEqual(['user: What may I eat?']);
  });

  it('an error after the first part is an event, and the query is kept', async () => {
    const languageModel: typeof service.platform.languageModel = {
      ...service.platform.languageModel,
      chat: async (_request, _signal, onText) => {
        onText?.('Ri');
        throw new Error('broken');
      },
    };
    const broken = await openService({ languageModel, refines: false });
    const response = await broken.app.request('http://x.test/api/openmem/v1/chat', {
      method: 'POST',
      headers: { authorization: `Token ${await broken.keyOf()}` },
      body: JSON.stringify(asking('What may I eat?', { stream: true })),
    });

    const events = eventsIn(await response.text());

    expect(events).toEqual([
      { type: 'text', data: 'Ri' },
      { type: 'error', data: 'The model did not complete the answer.' },
    ]);
    const said = { user_id: user, conversation_id: 'c' };
    expect(await memosClient(broken.client).data('get/message', said)).toMatchObject({
      message_detail_list: [{ content: 'What may I eat?' }],
    });
    await broken.close();
  });
});
