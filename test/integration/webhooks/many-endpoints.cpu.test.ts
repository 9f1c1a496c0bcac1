import { afterEach, describe, expect, it } from 'vitest';
import { createDispatcherHandler } from '../../../functions/dispatcher/handler.ts';
import { dispatcherConcurrency } from '../../../functions/local/background-work.ts';
import { runConsumer } from '../../../functions/local/consumer.ts';
import { createEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { outboxKey } from '../../../shared/domain/table/keys.ts';
import { orderingKeyOf } from '../../../shared/domain/webhooks/notification.ts';
import type { Outbox } from '../../../shared/domain/webhooks/outbox.ts';
import { createLocalPlatform } from '../../../shared/platform/local.ts';
import type { PostResult } from '../../../shared/ports/webhook-client.ts';
import { maxIterationCpu } from '../../support/turn-cpu.ts';

const project = 'proj_1';
const entities = { user: 'alice' };
const answered: PostResult = {
  status: 204,
  headers: {},
  bodyExcerpt: '',
  truncated: false,
  remoteAddress: '203.0.113.7',
  timings: {},
};

/** The dispatcher as the local service runs it; `hangs.example.com` never answers. */
const open = () => {
  const local = createLocalPlatform({ path: ':memory:', maxEndpoints: 400 });
  const stop = new AbortController();
  const { promise: stopped, resolve: release } = Promise.withResolvers<void>();
  const inFlight = new Map<string, number>();
  const posts: string[] = [];
  let max = 0;
  let reached = (): void => {};
  let awaited = Number.POSITIVE_INFINITY;
  const isHealthy = (url: string): boolean => !url.includes('hangs');
  const platform: typeof local = {
    ...local,
    webhookClient: {
      ...local.webhookClient,
      check: async () => ({ ok: true }),
      async post({ url }) {
        posts.push(url);
        inFlight.set(url, (inFlight.get(url) ?? 0) + 1);
        const all = [...inFlight.values()].reduce((sum, count) => sum + count, 0);
        max = Math.max(max, all);
        if (posts.filter(isHealthy).length >= awaited) reached();
        if (!isHealthy(url)) await stopped;
        inFlight.set(url, (inFlight.get(url) ?? 0) - 1);
        return answered;
      },
    },
  };
  const consumer = runConsumer(
    platform,
    platform.notifications,
    createDispatcherHandler(platform),
    {
      stop: stop.signal,
      cancel: stop.signal,
      concurrency: dispatcherConcurrency,
    },
  );
  let facts = 0;
  return {
    inFlight,
    maxInFlight: () => max,
    async inFlightReaches(count: number): Promise<void> {
      while (max < count) await platform.clock.sleep(5);
    },
    async endpoints(host: string, count: number): Promise<void> {
      for (let index = 0; index < count; index++) {
        const url = `https://${host}/${index}`;
        const { outcome } = await createEndpoint(platform, project, { url });
        expect(outcome).toBe('created');
      }
    },
    async fact(): Promise<void> {
      facts += 1;
      const now = platform.clock.now();
      const memory = `memory-${facts}`;
      const outbox: Outbox = {
        id: `made-${facts}`,
        project,
        entities,
        facts: [{ type: 'memory_add', memory, text: 'Tea.', metadata: {}, categories: [] }],
        order: platform.ids.next(),
        createdAt: now,
      };
      const scope = orderingKeyOf(outbox);
      const key = outboxKey(project, scope, outbox.id);
      await platform.store.transact([{ op: 'put', key, item: { ...outbox, dueAt: now } }]);
      await platform.notifications.send([
        { v: 1, kind: 'outbox', project, scope, outbox: outbox.id },
      ]);
    },
    /** Resolves once healthy endpoints got so many POSTs. */
    posted: (count: number): Promise<void> =>
      new Promise((resolve) => {
        reached = resolve;
        awaited = count;
        if (posts.filter(isHealthy).length >= count) resolve();
      }),
    async close(): Promise<void> {
      stop.abort();
      release();
      await consumer;
      await platform.close();
    },
  };
};

let service: ReturnType<typeof open>;

afterEach(() => service.close());

describe('beside 300 endpoints that never answer', () => {
  it('healthy endpoints get every delivery while 300 others never answer', async () => {
    service = open();
    await service.endpoints('hangs.example.com', 300);
    await service.endpoints('example.com', 5);
    for (let fact = 0; fact < 12; fact++) await service.fact();

    await service.posted(12 * 5);

    const hanging = [...service.inFlight].filter(([url]) => url.includes('hangs'));
    expect(hanging).toHaveLength(300);
    expect(hanging.every(([, count]) => count > 0)).toBe(true);
  });

  it('a process has at most 1,024 attempts in flight, shared equally by its endpoints', async () => {
    service = open();
    await service.endpoints('example.com', 1);
    await service.endpoints('hangs.example.com', 300);
    for (let fact = 0; fact < 12; fact++) await service.fact();
    await service.inFlightReaches(900);

    await service.fact();
    await service.posted(13);

    // Each has a limit of eight, and twelve deliveries.
    expect(service.maxInFlight()).toBeLessThanOrEqual(1_024);
    expect(service.inFlight.size).toBe(301);
  });
});

it('fan-out to 300 endpoints never holds the event loop for 50 ms of CPU', async () => {
  service = open();
  await service.endpoints('example.com', 300);
  await service.fact();
  await service.posted(300);

  const max = await maxIterationCpu(async () => {
    await Promise.all(Array.from({ length: 8 }, () => service.fact()));
    await service.posted(300 * 9);
  });

  expect(max).toBeLessThan(50);
});
