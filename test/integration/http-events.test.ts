import { afterEach, beforeEach, expect, it } from 'vitest';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService({ refines: false });
});
afterEach(() => service.close());

const add = async (content: string) => {
  const { body } = await service.client('POST /v1/turns', { body: say(content) });
  return body.event_id;
};
const get = async (path: string) => (await service.client(`GET ${path}`)).body;

it('an event shows its turn, its state and its results', async () => {
  const id = await add('I like tea');
  const pending = await get(`/v1/events/${id}`);
  service.refine();

  const done = await finalEvent(service.client, id);

  expect(pending).toMatchObject({
    id,
    event_id: id,
    event_type: 'ADD',
    status: 'PENDING',
    stage: 'queued',
    payload: { messages: [{ role: 'user', content: 'I like tea' }], user_id: 'alice' },
    results: [],
    attempts: 0,
    started_at: null,
    completed_at: null,
    latency: null,
    graph_status: null,
    error: null,
  });
  expect(done).toMatchObject({
    status: 'SUCCEEDED',
    results: [
      {
        id: expect.any(String),
        event: 'ADD',
        data: { memory: 'Learnt: I like tea' },
        user_id: 'alice',
      },
    ],
    model: 'plain',
    latency: expect.any(Number),
  });
  expect(Date.parse(done.completed_at)).toBeGreaterThanOrEqual(Date.parse(done.created_at));
});

it('an event without changes says why', async () => {
  service.refine();

  const done = await finalEvent(service.client, await add('How are you?'));

  expect(done).toMatchObject({
    status: 'SUCCEEDED',
    results: [{ event: 'NONE', reason: 'A question.' }],
  });
});

it('a wait for an event ends when its time is up, and cancels nothing', async () => {
  const id = await add('I like tea');

  const waited = await get(`/v1/events/${id}?wait=0.05`);
  service.refine();

  expect(waited.status).toBe('PENDING');
  expect((await finalEvent(service.client, id)).status).toBe('SUCCEEDED');
});

it('a wait for an event ends as soon as the event is final', async () => {
  const id = await add('I like tea');
  const waiting = finalEvent(service.client, id);

  service.refine();

  expect((await waiting).status).toBe('SUCCEEDED');
});

it('events are listed newest first, in pages', async () => {
  const ids = [await add('one'), await add('two'), await add('three')];

  const first = await get('/v1/events/?page=1&page_size=2');
  const second = await get(first.next);

  expect(first).toMatchObject({ count: 3, previous: null });
  expect(first.next).toMatch(/^\/v1\/events\/\?page=2&page_size=2&after=[\d-]+\.[\da-f-]+$/);
  expect([...first.results, ...second.results].map(({ id }) => id)).toEqual(ids.toReversed());
  expect(first.results[0].payload.messages[0].content).toBe('three');
  expect(second).toMatchObject({ next: null, previous: expect.stringContaining('page=1') });
  expect((await service.client('GET /v1/events/?page=3&page_size=2')).status).toBe(404);
});

it('events are filtered by status and type, and counted so', async () => {
  const [waiting, cancelled] = [await add('one'), await add('two')];
  await service.client(`POST /v1/events/${cancelled}/cancel`);
  await service.client('DELETE /v1/memories/?user_id=nobody');
  const idsOf = async (query: string) => {
    const { count, results } = await get(`/v1/events/?${query}`);
    expect(count).toBe(results.length);
    return results.map(({ id }: { id: string }) => id);
  };

  expect(await idsOf('status=PENDING&event_type=ADD')).toEqual([waiting]);
  expect(await idsOf('status=cancelled')).toEqual([cancelled]);
  expect(await idsOf('status=CANCELLED,PENDING&event_type=ADD')).toEqual([cancelled, waiting]);
  expect(await idsOf('event_type=DELETE_ALL')).toHaveLength(1);
  expect(await idsOf('event_type=SEARCH')).toEqual([]);
  expect(await idsOf('status=FAILED')).toEqual([]);
});

it('a page without texts shows the same events, marked as truncated', async () => {
  await add('one');

  const { results } = await get('/v1/events/?texts=false');
  const [full] = (await get('/v1/events/')).results;

  expect(results).toEqual([
    { ...full, payload: null, metadata: null, results: [], truncated: true },
  ]);
});

it('a page after a position is the one that its number names, while newer events come', async () => {
  const ids = [await add('one'), await add('two'), await add('three')];
  const { next } = await get('/v1/events/?page_size=2');
  await add('four');

  const { results, count } = await get(next);

  expect([results.map(({ id }: { id: string }) => id), count]).toEqual([[ids[0]], 3]);
});

it('the events after a page are counted up to 400', async () => {
  for (let i = 0; i < 430; i++) await add(`number ${i}`);

  expect((await get('/v1/events/?page_size=20&texts=false')).count).toBe(420);
  expect((await get('/v1/events/?page_size=40&texts=false')).count).toBe(430);
});

it('a page whose previous one has no page number links to none before it', async () => {
  await add('one');
  await add('two');
  await add('three');
  const { next } = await get('/v1/events/?page_size=1&texts=false');
  const at = async (page: number) => (await get(next.replace('page=2', `page=${page}`))).previous;

  expect(await at(10_001)).toContain('page=10000');
  expect(await at(10_002)).toBeNull();
});

it('a page of filtered events links to the next one with the same filter', async () => {
  const ids = [await add('one'), await add('two'), await add('three')];
  await service.client(`POST /v1/events/${ids[1]}/cancel`);

  const first = await get('/v1/events/?status=PENDING&page_size=1');
  const second = await get(first.next);

  expect(first).toMatchObject({ count: 2, results: [{ id: ids[2] }] });
  expect(second).toMatchObject({ count: 2, next: null, results: [{ id: ids[0] }] });
});

it.each([
  [
    'status=DONE',
    'status must be one or several of PENDING, RUNNING, SUCCEEDED, FAILED, CANCELLED.',
  ],
  ['event_type=x', /^event_type must be one or several of ADD, /],
  ['status=', /^status must be one or several of/],
  ['after=2026-11', 'after must be that of an earlier `next` link.'],
  ['texts=maybe', 'texts must be true or false.'],
])('a list of events with %s is rejected', async (query, sentence) => {
  const { status, body } = await service.client(`GET /v1/events/?${query}`);

  expect([status, body.detail]).toEqual([400, expect.stringMatching(sentence)]);
});

it('a list of more events than a page holds says how many it has', async () => {
  expect(await get('/v1/events/?page_size=500')).toMatchObject({ count: 0, page_size: 200 });
});

it('a cancelled event is final, and its rough memory is gone', async () => {
  const id = await add('I like tea');

  const cancelled = await service.client(`POST /v1/events/${id}/cancel`);
  const again = await service.client(`POST /v1/events/${id}/cancel`);
  const listed = await service.client('POST /v3/memories/', {
    body: { filters: { user_id: 'alice' } },
  });

  expect(cancelled).toMatchObject({ status: 200, body: { id, status: 'CANCELLED' } });
  expect(again).toMatchObject({ status: 409, body: { code: 'event_final' } });
  expect(listed.body.results).toEqual([]);
});

it('only a failed event can be retried', async () => {
  const { status, body } = await service.client(`POST /v1/events/${await add('x')}/retry`);

  expect(status).toBe(409);
  expect(body.code).toBe('event_not_failed');
});

it('the mem0 route shows a cancelled event as failed', async () => {
  const id = await add('I like tea');
  await service.client(`POST /v1/events/${id}/cancel`);

  expect(await get(`/v1/event/${id}/`)).toMatchObject({
    id,
    status: 'FAILED',
    error: 'The event was cancelled.',
  });
});
