import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { put } from '../../shared/core/steps.ts';
import { endpointKey, projectKey } from '../../shared/domain/table/keys.ts';
import { sortableTime } from '../../shared/domain/table/time-listings.ts';
import type { Endpoint } from '../../shared/domain/webhooks/endpoint.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { cpuOf } from '../support/cpu-of.ts';
import { exhaustedDelivery } from '../support/exhausted-delivery.ts';
import {
  type Answer,
  type Client,
  openService,
  say,
  type TestService,
} from '../support/in-memory-service.ts';
import { interceptStore } from '../support/intercepted-store.ts';

const dayMs = 86_400_000;
const id = `whe_${'0'.repeat(32)}`;
const days = 400;

/** Creates a project and an endpoint that are 400 days old, with deliveries exhausted on the first day, and 2,500 today. */
const aged = async (service: TestService): Promise<Endpoint> => {
  const { store } = service.platform;
  const { body } = await service.client('GET /v1/ping');
  const createdAt = Date.now() - days * dayMs;
  const endpoint: Endpoint = {
    id,
    project: body.project_id,
    url: 'https://example.com/',
    name: '',
    description: '',
    status: 'active',
    eventTypes: ['endpoint.disabled'],
    filters: {},
    headerNames: [],
    maxInFlight: 8,
    ordered: false,
    lastSecret: 0,
    version: 1,
    createdAt,
    updatedAt: createdAt,
  };
  const project = await store.get(projectKey(endpoint.project));
  if (!project) throw new Error('There is no project.');
  await store.transact([
    put(projectKey(project.id), { ...project, createdAt }),
    put(endpointKey(project.id, id), endpoint),
  ]);
  for (let n = 0; n < 10; n++)
    await store.transact(exhaustedDelivery(endpoint, { user: 'a' }, n, createdAt + n));
  for (let from = 0; from < 2_500; from += 50) {
    const numbers = Array.from({ length: 50 }, (_, n) => 100 + from + n);
    await store.transact(
      numbers.flatMap((n) =>
        exhaustedDelivery(endpoint, { user: 'a' }, n, Date.now() - 60_000 + n),
      ),
    );
  }
  return endpoint;
};

let service: TestService;
let reader: Client;
let calls = 0;
beforeAll(async () => {
  const { store } = createLocalPlatform({ path: ':memory:' });
  const counted = interceptStore(store, {
    before: () => {
      calls += 1;
    },
  });
  service = await openService({ store: counted, retainDeliveriesDays: 36_500, refines: false });
  reader = await service.clientOf('default', ['read']);
  await aged(service);
});
afterAll(() => service.close());

const deliveries = `GET /v1/endpoints/${id}/deliveries`;
const afterOf = (cursor: string) => `after=${encodeURIComponent(cursor)}`;
const cursorOf = (...parts: readonly string[]) =>
  Buffer.from(parts.join(' ')).toString('base64url');

/** Returns the response to a request, the calls of the store and the CPU time. */
const measured = async (request: string) => {
  const run = await cpuOf(async () => {
    calls = 0;
    const answer = await reader(request);
    return { answer, calls };
  });
  return { ...run.answer, ms: run.ms };
};

describe('a forged cursor', () => {
  const [farAhead, nextWeek] = [
    '999999999999999',
    String(Date.now() + 7 * dayMs).padStart(15, '0'),
  ];

  it.each([
    ['deliveries from the end of time on', `${deliveries}?${afterOf(`${farAhead}#`)}`],
    ['deliveries from next week on', `${deliveries}?${afterOf(`${nextWeek}#`)}`],
    ['deliveries from the beginning on', `${deliveries}?${afterOf('000000000000000#')}`],
    ['deliveries of no status', `${deliveries}?status=leased&${afterOf(`${farAhead}#`)}`],
    [
      'notifications from the end of time on',
      `GET /v1/notifications?${afterOf(cursorOf(`${farAhead}#`))}`,
    ],
    [
      'notifications from 1970 on',
      `GET /v1/notifications?${afterOf(cursorOf('000000000000000#'))}`,
    ],
    ['recoveries', `GET /v1/endpoints/${id}/recover?after=rcv_${'f'.repeat(32)}`],
    ['events', 'GET /v1/events?page=1000000000&page_size=1000000000'],
  ])('a forged cursor for %s costs a bounded number of reads', async (_, request) => {
    const { answer, calls: made, ms } = await measured(request);

    expect([200, 404]).toContain(answer.status);
    expect(made).toBeLessThan(320);
    expect(ms).toBeLessThan(100);
  });

  it.each([
    `${deliveries}?after=nonsense`,
    `${deliveries}?${afterOf(`${sortableTime(1)}${'x'.repeat(1_500)}`)}`,
    `${deliveries}?${afterOf(`${sortableTime(1)}\u{10ffff}`)}`,
    `${deliveries}?${afterOf('x'.repeat(3_000))}`,
    `GET /v1/notifications?${afterOf(cursorOf(sortableTime(1), 'not-a-mark'))}`,
    `GET /v1/notifications?${afterOf(cursorOf(sortableTime(1), ...Array.from({ length: 101 }, () => 'aaaaaaaaaaaa')))}`,
    `GET /v1/notifications?${afterOf(cursorOf(`${sortableTime(1)}${'x'.repeat(500)}`))}`,
    `GET /v1/endpoints/${id}/recover?after=rcv_1`,
  ])(
    'a forged cursor that no answer can have contained is rejected before anything is read: %#',
    async (request) => {
      const { answer } = await measured(request);

      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field: 'after' },
      });
    },
  );
});

/** Follows the cursors to the end. */
const walk = async (request: string) => {
  const pages: Answer['body'][] = [];
  let [max, after] = [0, ''];
  for (;;) {
    calls = 0;
    const { body } = await reader(`${request}${after}`);
    max = Math.max(max, calls);
    pages.push(body);
    if (body.next === null) return { pages, max };
    after = `&${afterOf(body.cursor)}`;
  }
};

describe('deliveries', () => {
  it('deliveries without a match are read in bounded pages, each with a cursor', async () => {
    const { pages, max } = await walk(`${deliveries}?status=leased`);

    expect(pages.length).toBeGreaterThan(5);
    expect(pages.flatMap(({ results }) => results)).toEqual([]);
    expect(max).toBeLessThan(320);
  });

  it('deliveries are all found, each once, newest first, over hundreds of empty days', async () => {
    const { pages, max } = await walk(`${deliveries}?status=exhausted`);

    const found = pages.flatMap(({ results }) => results);
    const times = found.map((each) => each.created_at);
    expect(new Set(found.map((each) => each.id)).size).toBe(2_510);
    expect(found).toHaveLength(2_510);
    expect(times).toEqual(times.toSorted().reverse());
    expect(max).toBeLessThan(320);
  });
});

describe('notifications', () => {
  it('notifications are all found, each once, oldest first, over hundreds of empty days', async () => {
    const { pages, max } = await walk('GET /v1/notifications?limit=100');

    const found = pages.flatMap(({ results }) => results.map((each: Answer['body']) => each.id));
    expect(found).toHaveLength(2_510);
    expect(new Set(found).size).toBe(2_510);
    expect(max).toBeLessThan(320);
  });
});

describe('recoveries', () => {
  it('recoveries are listed in pages, newest first, and reach over empty days', async () => {
    const begun: string[] = [];
    for (let n = 0; n < 5; n++)
      begun.push(
        (await service.client(`POST /v1/endpoints/${id}/recover`, { body: { since: 0 } })).body.id,
      );

    const { pages } = await walk(`GET /v1/endpoints/${id}/recover?limit=2`);

    expect(pages.map(({ results }) => results.length)).toEqual([2, 2, 1]);
    const listed = pages.flatMap(({ results }) => results.map((each: Answer['body']) => each.id));
    expect(listed).toEqual(begun.toReversed());
  });
});

describe('events', () => {
  it('events of a list come without texts once the page is full', async () => {
    const client = await service.clientOf('talkers');
    for (let n = 0; n < 30; n++)
      await client('POST /v1/turns', { body: say(`${n} ${'x'.repeat(250_000)}`) });

    const { body } = await client('GET /v1/events?page_size=100');

    expect(body).toMatchObject({ count: 30, next: null });
    expect(body.results).toHaveLength(30);
    expect(body.results[0].payload.messages[0].content).toMatch(/^29 x/);
    expect(body.results.at(-1)).toMatchObject({ truncated: true, payload: null });
    expect(JSON.stringify(body).length).toBeLessThan(6_000_000);
  });
});

describe('the history of a memory', () => {
  it('the history of a memory holds the newest changes, as many as fit one answer', async () => {
    const { client, close } = await openService();
    const added = await client('POST /v3/memories/add', {
      body: { ...say('I like tea', 'editor'), infer: false },
    });
    const [{ id: memory }] = added.body.results;
    for (let n = 0; n < 60; n++)
      await client(`PUT /v1/memories/${memory}`, { body: { text: `${n} ${'x'.repeat(49_000)}` } });

    const { body } = await client(`GET /v1/memories/${memory}/history`);

    await close();
    expect(body.at(-1).new_memory).toMatch(/^59 x/);
    expect(body.length).toBeGreaterThan(20);
    expect(body.length).toBeLessThan(61);
    expect(JSON.stringify(body).length).toBeLessThan(6_000_000);
  });
});
