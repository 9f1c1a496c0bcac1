import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getOrCreateProject } from '../../../shared/core/projects/projects.ts';
import { readUsage } from '../../../shared/core/projects/read-usage.ts';
import { createUsageMeter, type UsageMeter } from '../../../shared/core/projects/usage-meter.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { noUsage } from '../../../shared/domain/usage.ts';
import {
  type Client,
  openService,
  say,
  type TestService,
} from '../../support/in-memory-service.ts';
import { interceptStore } from '../../support/intercepted-store.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';

const hourMs = 3_600_000;
const perKey = { key: { perSecond: 100, burst: 50 } };

let clock: ManualClock;
let meter: UsageMeter;
let service: TestService;
let admin: Client;
let writes: number;

beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 0, 1, 9, 30));
  writes = 0;
  service = await openService({
    refines: false,
    clock,
    access: (platform) => {
      const before = ({ method }: { method: string }) => {
        writes += method === 'transact' ? 1 : 0;
      };
      meter = createUsageMeter({ ...platform, store: interceptStore(platform.store, { before }) });
      return { usage: meter, rates: perKey };
    },
  });
  admin = await service.clientOf('default', ['read', 'write', 'admin']);
});
afterEach(() => service.close());

const search = { body: { query: 'tea', filters: { user_id: 'ana' } } };
const counts = { ...noUsage, requests: 1, units: 1 };
/** Work of an hour in which nothing was refined or delivered. */
const noWork = {
  refinements: 0,
  tokens: { prompt: 0, completion: 0 },
  model_cost: null,
  deliveries: 0,
  failed_deliveries: 0,
};

describe('usage', () => {
  it('usage is counted by hour and by key', async () => {
    const reader = await service.clientOf('default', ['read']);
    await admin('POST /v1/turns', { body: say('I like tea.') });
    await clock.advance(hourMs);
    await reader('POST /v3/memories/search/', search);
    await reader('POST /v1/turns', { body: say('I like tea.') });
    await reader('GET /v1/events/nothing');

    const { status, body } = await admin('GET /v1/usage');

    const add = { requests: 1, units: 1, adds: 1, searches: 0, errors: 0, limited: 0, redacted: 0 };
    const others = {
      requests: 3,
      units: 7,
      adds: 0,
      searches: 1,
      errors: 2,
      limited: 0,
      redacted: 0,
    };
    expect(status).toBe(200);
    expect(body).toEqual({
      total: {
        ...{ requests: 4, units: 8, adds: 1, searches: 1, errors: 2, limited: 0, redacted: 0 },
        ...noWork,
      },
      results: [
        {
          hour: '2026-01-01T09:00:00.000Z',
          ...add,
          ...noWork,
          keys: [{ id: expect.stringMatching(/^[0-9a-f]{16}$/), ...add }],
        },
        {
          hour: '2026-01-01T10:00:00.000Z',
          ...others,
          ...noWork,
          keys: [{ id: expect.stringMatching(/^[0-9a-f]{16}$/), ...others }],
        },
      ],
      budget: null,
      next: null,
    });
  });

  it('usage includes requests that a rate limit rejected', async () => {
    for (let n = 0; n < 60; n++) await admin('GET /v1/ping/');
    await clock.advance(1_000);

    expect((await admin('GET /v1/usage')).body.total).toMatchObject({
      requests: 60,
      units: 50,
      errors: 10,
      limited: 10,
    });
  });

  it('a key reads the usage of its own project only', async () => {
    const stranger = await service.clientOf('strangers', ['admin']);
    await admin('GET /v1/ping/');

    expect((await stranger('GET /v1/usage')).body.total.requests).toBe(0);
  });

  it('counting usage costs one write per minute, not one per request', async () => {
    for (let n = 0; n < 40; n++) await admin('GET /v1/ping/');
    const before = writes;
    await meter.flush();
    const after = writes;
    await meter.flush();

    expect([before, after, writes]).toEqual([0, 1, 1]);
  });

  it('usage is the same before and after its write and after a restart', async () => {
    const read = async () => (await admin('GET /v1/usage')).body.total.requests;
    for (let n = 0; n < 5; n++) await admin('GET /v1/ping/');
    const stored = await read();
    await meter.flush();
    await meter.flush();
    const flushed = await read();
    await meter.flush();
    const { id } = await getOrCreateProject(service.platform);
    const since = Date.UTC(2026, 0, 1);

    const { hours } = await readUsage(service.platform, id, { since, until: clock.now() });

    expect([stored, flushed]).toEqual([5, 6]);
    expect(hours.flatMap(({ keys }) => Object.values(keys))).toMatchObject([{ requests: 7 }]);
  });

  it('usage of several processes is summed', async () => {
    const { id: project } = await getOrCreateProject(service.platform);
    const other = createUsageMeter(service.platform);
    await admin('GET /v1/ping/');
    other.count({ project, key: 'k' }, counts);
    await other.flush();
    await meter.flush();

    expect((await admin('GET /v1/usage')).body.total.requests).toBe(2);
  });

  it('usage that cannot be written is written later, and no request fails because of that', async () => {
    let isDown = true;
    const logged: string[] = [];
    const flaky = createUsageMeter({
      ...service.platform,
      telemetry: { log: (_, event) => void logged.push(event) },
      store: interceptStore(service.platform.store, {
        before: () => {
          if (isDown) throw new RetryableError('store_unavailable', 'It is down.');
        },
      }),
    });
    const { id: project } = await getOrCreateProject(service.platform);
    flaky.count({ project, key: 'k' }, counts);

    await flaky.flush();
    isDown = false;
    await clock.advance(hourMs);
    await flaky.flush();

    expect(logged).toEqual(['usage.unwritten']);
    expect((await admin('GET /v1/usage')).body.total.requests).toBe(1);
  });

  it('usage can be read for at most 31 days, with a link to the rest of a large answer', async () => {
    const { id: project } = await getOrCreateProject(service.platform);
    for (let hour = 0; hour < 30 * 24; hour++) {
      for (const instance of ['a', 'b', 'c']) {
        const one = createUsageMeter(service.platform, instance);
        one.count({ project, key: 'k' }, counts);
        await one.flush();
      }
      await clock.advance(hourMs);
    }
    const since = new Date(Date.UTC(2026, 0, 1)).toISOString();

    const first = (await admin(`GET /v1/usage?since=${since}`)).body;
    const second = (await admin(`GET ${first.next}`)).body;
    const refused = await admin('GET /v1/usage?since=2025-01-01');

    expect(first.next).toMatch(/^\/v1\/usage\/\?since=/);
    expect(second.next).toBeNull();
    expect(first.results.length + second.results.length).toBe(30 * 24 + 1);
    expect(
      [...first.results, ...second.results].slice(0, -1).every(({ requests }) => requests === 3),
    ).toBe(true);
    expect(refused).toMatchObject({ status: 400, body: { field: 'since' } });
  });

  it('usage expires after ninety days', async () => {
    await admin('GET /v1/ping/');
    await meter.flush();
    const since = Date.UTC(2026, 0, 1);
    const { id } = await getOrCreateProject(service.platform);

    await clock.advance(91 * 24 * hourMs);

    const { hours } = await readUsage(service.platform, id, { since, until: clock.now() });
    expect(hours).toEqual([]);
  });

  it('at most two hundred keys per hour are counted separately', async () => {
    const { id: project } = await getOrCreateProject(service.platform);
    for (let n = 0; n < 300; n++) meter.count({ project, key: `key ${n}` }, counts);

    const [hour] = (await admin('GET /v1/usage')).body.results;

    expect(hour.keys).toHaveLength(201);
    expect(hour.requests).toBe(300);
  });
});

describe('a process that is frozen between requests', () => {
  it('a process that is frozen between requests writes usage after its first request, then at most once a minute', async () => {
    let flushes = 0;
    const frozen = await openService({
      refines: false,
      clock,
      access: (platform) => {
        const before = ({ method }: { method: string }) => {
          flushes += method === 'transact' ? 1 : 0;
        };
        const store = interceptStore(platform.store, { before });
        return { usage: createUsageMeter({ ...platform, store }), flushesUsage: true };
      },
    });

    for (let n = 0; n < 10; n++) await frozen.client('GET /v1/ping/');
    const early = flushes;
    await clock.advance(60_000);
    for (let n = 0; n < 10; n++) await frozen.client('GET /v1/ping/');
    await frozen.close();

    expect([early, flushes]).toEqual([1, 2]);
  });
});
