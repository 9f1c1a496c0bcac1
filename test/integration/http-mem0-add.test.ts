import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainLanguageModel } from '../support/fake-models.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';
import { createManualClock } from '../support/manual-clock.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const queued = 'Memory processing has been queued for background execution';
const anyId = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}$/);
const item = (text: string) => ({
  id: anyId,
  event: 'ADD',
  memory: text,
  data: { memory: text },
  structured_attributes: {
    day: expect.any(Number),
    hour: expect.any(Number),
    year: expect.any(Number),
    month: expect.any(Number),
    minute: expect.any(Number),
    quarter: expect.any(Number),
    is_weekend: expect.any(Boolean),
    day_of_week: expect.any(String),
    day_of_year: expect.any(Number),
    week_of_year: expect.any(Number),
  },
  event_id: anyId,
});
const learnt = item('Learnt: I like tea');
const verbatim = item('I like tea');
const pending = { message: queued, status: 'PENDING', event_id: anyId };
const add = async (path: string, options: object = {}) => {
  const { status, body } = await service.client(`POST ${path}`, {
    body: { ...say('I like tea'), ...options },
  });
  expect(status).toBe(200);
  return body;
};

describe('POST /v3/memories/add/', () => {
  const path = '/v3/memories/add/';

  it('a v3 add answers with the event to wait for', async () => {
    expect(await add(path)).toEqual({ event_id: anyId, status: 'PENDING', message: queued });
    expect(await add(path, { async_mode: true, infer: true, run_id: 'r' })).toEqual(pending);
  });

  it('a v3 add with async_mode false answers with the memories', async () => {
    expect(await add(path, { async_mode: false })).toEqual({
      event_id: anyId,
      status: 'SUCCEEDED',
      message: 'Memories stored successfully',
      results: [learnt],
    });
  });

  it.each([{}, { async_mode: true }, { async_mode: false }])(
    'a v3 add with infer false stores the messages verbatim, whatever async_mode says (%j)',
    async (options) => {
      expect(await add(path, { infer: false, ...options })).toEqual({
        event_id: anyId,
        status: 'SUCCEEDED',
        message: 'Memories stored successfully',
        results: [verbatim],
      });
    },
  );

  it('a v3 add with infer false stores deduced memories instead of the messages', async () => {
    const { results } = await add(path, {
      infer: false,
      deduced_memories: ['Likes tea', 'Is awake'],
    });

    expect(results.map(({ memory }: { memory: string }) => memory)).toEqual([
      'Likes tea',
      'Is awake',
    ]);
  });

  it('a v3 add accepts ids of all four kinds, and the memory is found under each', async () => {
    await add(path, { agent_id: 'a', app_id: 'p', run_id: 'r', infer: false });

    for (const filters of [
      { user_id: 'alice' },
      { agent_id: 'a' },
      { app_id: 'p' },
      { run_id: 'r' },
    ]) {
      const { body } = await service.client('POST /v3/memories/', { body: { filters } });
      expect(body.results).toMatchObject([
        { user_id: 'alice', agent_id: 'a', app_id: 'p', run_id: 'r', session_id: 'r' },
      ]);
    }
  });

  it('a v3 add applies its options to the memories', async () => {
    const { results } = await add(path, {
      infer: false,
      immutable: true,
      expiration_date: '2999-01-31',
      timestamp: 1_700_000_000,
      metadata: { camelKey: 1, snake_key: { innerKey: 2 } },
      org_id: 'ignored',
      enable_graph: true,
      whatever: { else: true },
    });

    const { body } = await service.client(`GET /v1/memories/${results[0].id}/`);

    expect(body).toMatchObject({
      immutable: true,
      expiration_date: '2999-01-31',
      created_at: '2023-11-14T22:13:20.000Z',
      metadata: { camelKey: 1, snake_key: { innerKey: 2 } },
    });
    expect(results[0].structured_attributes).toMatchObject({ year: 2023, month: 11, day: 14 });
  });

  it('a v3 add passes its instructions to the model', async () => {
    const asked: unknown[] = [];
    const listening = await openService({
      languageModel: {
        ...plainLanguageModel,
        decide: (request, signal) => {
          asked.push(...request.turns.map(({ options }) => options));
          return plainLanguageModel.decide(request, signal);
        },
      },
    });

    await listening.client(`POST ${path}`, {
      body: {
        ...say('I like tea'),
        async_mode: false,
        custom_instructions: 'Only drinks.',
        agent_custom_instructions: 'Only promises.',
        custom_categories: [{ drinks: 'What they drink' }],
        includes: 'tea',
        excludes: 'coffee',
      },
    });
    await listening.close();

    expect(asked).toEqual([
      {
        infer: true,
        instructions: 'Only drinks.',
        agentInstructions: 'Only promises.',
        categories: [{ name: 'drinks', description: 'What they drink' }],
        includes: 'tea',
        excludes: 'coffee',
      },
    ]);
  });

  it.each([
    ['custom_categories', ['food'], 'Expected a dictionary of items but got type "str"'],
    ['expiration_date', '2030-02-30', 'expiration_date must be a date such as 2030-01-31.'],
    ['infer', 'yes', 'infer must be true or false.'],
    ['async_mode', 0, 'async_mode must be true or false.'],
  ])('a v3 add with an invalid %s is rejected', async (field, value, sentence) => {
    const { status, body } = await service.client(`POST ${path}`, {
      body: { ...say('x'), [field]: value },
    });

    expect(status).toBe(400);
    expect(body.detail).toContain(sentence);
  });
});

describe('POST /v1/memories/', () => {
  const path = '/v1/memories/';
  const relations: never[] = [];

  it.each([
    ['in the current form', { output_format: 'v1.1' }, { results: [pending] }],
    ['with relations', { output_format: 'v1.1', version: 'v2' }, { results: [pending], relations }],
    ['as a bare list', {}, [pending]],
    ['as a bare list', { output_format: 'v1.0' }, [pending]],
    ['when done', { output_format: 'v1.1', async_mode: false }, { results: [learnt] }],
    ['verbatim', { output_format: 'v1.1', infer: false }, { results: [verbatim] }],
    [
      'verbatim with relations',
      { output_format: 'v1.1', version: 'v2', infer: false },
      { results: [verbatim], relations },
    ],
    ['when done as a bare list', { async_mode: false }, [learnt]],
    ['verbatim as a bare list', { output_format: 'v1.0', infer: false }, [verbatim]],
  ])('a v1 add answers %s (%j)', async (_, options, expected) => {
    expect(await add(path, options)).toEqual(expected);
  });
});

describe('an add that teaches nothing', () => {
  const asks = { ...say('How are you?'), async_mode: false };

  it.each([
    ['/v3/memories/add/', {}, { status: 'SUCCEEDED', results: [], reason: 'A question.' }],
    [
      '/v1/memories/',
      { output_format: 'v1.1', version: 'v2' },
      { results: [], relations: [], reason: 'A question.' },
    ],
    ['/v1/memories/', {}, []],
  ])('an add to %s that teaches nothing has no results (%j)', async (path, options, expected) => {
    const { body } = await service.client(`POST ${path}`, { body: { ...asks, ...options } });

    if (Array.isArray(expected)) expect(body).toEqual(expected);
    else expect(body).toMatchObject(expected);
  });

  it('a mem0 event without changes has no results but the reason', async () => {
    const { body: added } = await service.client('POST /v3/memories/add/', { body: asks });

    const { body } = await service.client(`GET /v1/event/${added.event_id}/`);

    expect(body).toMatchObject({ status: 'SUCCEEDED', results: [], reason: 'A question.' });
  });

  it('a native event without changes keeps its NONE', async () => {
    const { body: added } = await service.client('POST /v3/memories/add/', { body: asks });

    const { body } = await service.client(`GET /v1/events/${added.event_id}`);

    expect(body.results).toMatchObject([{ event: 'NONE', reason: 'A question.' }]);
  });

  it('a key that may only write sees no reason, which may quote the text', async () => {
    const writer = await service.clientOf('default', ['write']);

    const { body } = await writer('POST /v3/memories/add/', { body: asks });

    expect(body).toMatchObject({ status: 'SUCCEEDED', results: [] });
    expect(body).not.toHaveProperty('reason');
  });

  it('an add that changes one memory and repeats another has one result', async () => {
    const messages = ['I like tea.', 'How are you?'].map((content) => ({ role: 'user', content }));

    const { results, reason } = await add('/v3/memories/add/', { messages, async_mode: false });

    expect(results).toMatchObject([{ event: 'ADD' }]);
    expect(reason).toBeUndefined();
  });
});

it('an add that waits for memories is answered as pending after 25 seconds', async () => {
  const clock = createManualClock();
  const slow = await openService({ refines: false, clock });
  const body = { ...say('I like tea'), async_mode: false, async: false };
  const calls = ['/v3/memories/add/', '/v1/memories/', '/v1/turns'].map((path) =>
    slow.client(`POST ${path}`, { body: { ...body, run_id: path } }),
  );
  let answered = 0;
  for (const call of calls) void call.then(() => answered++);

  for (let second = 0; second < 24; second++) await clock.advance(1_000);
  const early = answered;
  for (let second = 0; second < 3; second++) await clock.advance(1_000);
  const [current, earlier, native] = await Promise.all(calls);
  await slow.close();

  expect(early).toBe(0);
  expect(current?.body).toEqual(pending);
  expect(earlier?.body).toEqual([pending]);
  expect(native).toMatchObject({ status: 202, body: { status: 'PENDING' } });
});

it('an event on the mem0 route has the documented form', async () => {
  const { event_id: id } = await add('/v3/memories/add/');
  await finalEvent(service.client, id);

  const { body } = await service.client(`GET /v1/event/${id}/`);

  expect(body).toMatchObject({
    id,
    event_type: 'ADD',
    status: 'SUCCEEDED',
    payload: { messages: [{ role: 'user', content: 'I like tea' }], user_id: 'alice' },
    results: [
      { id: anyId, data: { memory: 'Learnt: I like tea' }, event: 'ADD', user_id: 'alice' },
    ],
    graph_status: null,
    error: null,
  });
});
