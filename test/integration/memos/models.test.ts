import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openService, type TestService } from '../../support/in-memory-service.ts';
import { type MemosClient, memosClient, saying } from '../../support/memos-client.ts';
import {
  createScriptedModel,
  proposing,
  rewriting,
  type ScriptedModel,
  unusable,
} from '../../support/scripted-model.ts';

let service: TestService;
let model: ScriptedModel;
let memos: MemosClient;
beforeAll(async () => {
  model = createScriptedModel();
  service = await openService({ languageModel: model });
  memos = memosClient(service.client);
});
afterAll(() => service.close());

describe('add/feedback', () => {
  it('feedback corrects a memory, as a task of its own', async () => {
    model.next(rewriting('none', 'User is vegetarian.'));
    await memos.learnt(saying('I am vegetarian.'));
    model.next(rewriting('vegetarian', 'User is vegan.'));

    const { task_id, ...started } = await memos.data('add/feedback', {
      user_id: 'ana',
      feedback_content: 'I am vegan, not vegetarian.',
      feedback_time: '2025-12-10T09:44:00Z',
    });
    await service.client(`GET /v1/events/${task_id}?wait=10`);

    expect(started).toEqual({ success: true, status: 'running' });
    expect(await memos.task(task_id)).toMatchObject({
      status: 'completed',
      memory_views: { added: 0, updated: 1, deleted: 0 },
    });
    const listed = await memos.data('get/memory', { user_id: 'ana' });
    expect(listed.memory_detail_list).toMatchObject([
      { memory_value: 'User is vegan.', status: 'activated' },
    ]);
    expect(model.requests.at(-1)?.turns[0]?.options.instructions).toContain('feedback');
  });

  it('feedback needs a user and a content', async () => {
    const bodies = [{ feedback_content: 'x' }, { user_id: 'ana' }];

    const answers = await Promise.all(bodies.map((body) => memos.call('add/feedback', body)));

    expect(answers.map(({ status, body }) => [status, body.code, body.field])).toEqual([
      [400, 40002, 'user_id'],
      [400, 40002, 'feedback_content'],
    ]);
  });
});

describe('extract/memory', () => {
  const messages = [{ role: 'user', content: 'I like tea, and I live in Oslo.' }];

  it('messages are read at their own times', async () => {
    const said = (content: string, chat_time: string) => ({ role: 'user', content, chat_time });

    await memos.data('extract/memory', {
      messages: [said('I flew yesterday.', '2025-12-09'), said('I am back.', '2025-12-12')],
    });

    const [tuesday, friday] = [Date.parse('2025-12-09'), Date.parse('2025-12-12')];
    expect(model.requests.at(-1)?.turns).toMatchObject([
      { observedAt: friday, messages: [{ saidAt: tuesday }, { saidAt: friday }] },
    ]);
  });
  const decided = proposing(
    {
      turn: 0,
      type: 'ADD',
      text: 'User lives in Oslo.',
      kind: 'fact',
      title: 'Home',
      tags: ['home'],
    },
    {
      turn: 0,
      type: 'ADD',
      text: 'User likes tea.',
      kind: 'preference',
      preferenceType: 'explicit',
      reasoning: 'I like tea',
    },
  );

  it('memories and preferences are drawn from messages, and nothing is kept', async () => {
    model.next(decided);

    const data = await memos.data('extract/memory', { messages });

    expect(data).toEqual({
      memory_detail_list: [
        {
          memory_key: 'Home',
          memory_value: 'User lives in Oslo.',
          memory_type: 'UserMemory',
          tags: ['home'],
        },
      ],
      preference_detail_list: [
        {
          preference: 'User likes tea.',
          reasoning: 'I like tea',
          preference_type: 'explicit_preference',
        },
      ],
    });
  });

  it('extraction_types selects the lists', async () => {
    model.next(decided);

    const data = await memos.data('extract/memory', { messages, extraction_types: ['preference'] });

    expect(data.memory_detail_list).toEqual([]);
    expect(data.preference_detail_list).toHaveLength(1);
  });

  it('messages that are too long are error 40305', async () => {
    const long = [{ role: 'user', content: 'x'.repeat(32_001) }];

    const answer = await memos.call('extract/memory', { messages: long });

    expect(answer).toMatchObject({ status: 413, body: { code: 40305, field: 'messages' } });
  });

  it('a refusal of the model is an error that says so', async () => {
    model.next(unusable('refusal'));

    const answer = await memos.call('extract/memory', { messages });

    expect(answer).toMatchObject({ status: 422, body: { code: 50002, reason: 'not_extracted' } });
  });

  it('a model that cannot be reached is error 50004', async () => {
    model.next(() => ({
      ok: false,
      code: 'model_unreachable',
      message: 'The model cannot be reached.',
      retryable: true,
      about: 'service',
      usage: { prompt: 0, completion: 0 },
    }));

    const answer = await memos.call('extract/memory', { messages });

    expect(answer).toMatchObject({
      status: 503,
      body: { code: 50004, data: null, reason: 'model_unreachable' },
    });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('a project asks the model twice at once, further requests are refused, others are served', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    model.always(async (request, signal) => {
      await promise;
      return decided(request, signal);
    });
    const other = memosClient(await service.clientOf('other'));
    const running = [1, 2].map(() => memos.call('extract/memory', { messages }));
    await expect.poll(() => model.requests.length).toBeGreaterThanOrEqual(7);

    const third = await memos.call('extract/memory', { messages });
    const served = other.call('extract/memory', { messages });
    resolve();

    expect(third).toMatchObject({ status: 503, body: { code: 50004, reason: 'model_busy' } });
    const answers = await Promise.all([...running, served]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await memos.call('extract/memory', { messages })).status).toBe(200);
  });
});

describe('rerank', () => {
  it('documents are ordered by their likeness to the query, without an envelope', async () => {
    const documents = ['It rains today.', { text: 'She drinks green tea.' }, 'Tea grows.'];

    const { body } = await memos.call('rerank', {
      model: 'memos-reranker-0.6b',
      query: 'green tea',
      documents,
      top_n: 2,
    });

    expect(body).toMatchObject({ model: 'plain-64', usage: { total_tokens: expect.any(Number) } });
    expect(body.results).toMatchObject([
      { index: 1, document: { text: 'She drinks green tea.' } },
      { index: 2 },
    ]);
    const [first, second] = body.results;
    expect(first.relevance_score).toBeGreaterThan(second.relevance_score);
    expect(first.relevance_score).toBeLessThanOrEqual(1);
  });

  it.each([
    [{ query: 'a', documents: [] }, 'documents'],
    [{ query: 'a', documents: [1] }, 'documents[0]'],
    [{ query: 'a', documents: Array.from({ length: 101 }, () => 'b') }, 'documents'],
    [{ documents: ['b'] }, 'query'],
  ])('the request %j is refused by its field', async (given, field) => {
    const answer = await memos.call('rerank', given);

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ data: null, field });
  });
});
