import { sweep } from '../../shared/core/sweep.ts';
import type { EndpointRequest } from '../../shared/core/webhooks/endpoint-request.ts';
import { createEndpoint } from '../../shared/core/webhooks/endpoints.ts';
import { createLimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import { getDelivery } from '../../shared/core/webhooks/list-deliveries.ts';
import { limiterKey, outboxKey } from '../../shared/domain/table/keys.ts';
import type { Delivery } from '../../shared/domain/webhooks/delivery.ts';
import type { Endpoint } from '../../shared/domain/webhooks/endpoint.ts';
import type { EndpointLimiter } from '../../shared/domain/webhooks/endpoint-limiter.ts';
import { orderingKeyOf } from '../../shared/domain/webhooks/notification.ts';
import type { Outbox } from '../../shared/domain/webhooks/outbox.ts';
import type { LocalOptions } from '../../shared/platform/local.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import { alice, openCoreFixture, project } from './core-fixture.ts';
import { interceptStore } from './intercepted-store.ts';
import { createScriptedReceiver } from './scripted-receiver.ts';

const schedule = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** A service with endpoints; a transaction of more than 100 steps, the limit of DynamoDB, fails. */
export const openWebhookFixture = (options: LocalOptions = {}) => {
  const base = openCoreFixture({ webhookSchedule: schedule, ...options });
  const receiver = createScriptedReceiver(base.clock);
  const store = interceptStore(base.store, {
    before: ({ steps }) => {
      if (steps.length > 100) throw new TypeError(`a transaction has ${steps.length} steps`);
    },
  });
  const bare: FullPlatform = { ...base.platform, store, webhookClient: receiver.webhookClient };
  const platform = { ...bare, limiterStore: createLimiterStore(bare) };
  let facts = 0;

  const takeAll = (): Hint[] => {
    const taken: Hint[] = [];
    for (let hint = base.notices.take(); hint; hint = base.notices.take()) taken.push(hint);
    return taken;
  };

  const service = {
    ...base,
    platform,
    store,
    receiver,

    async endpoint(request: Partial<EndpointRequest> & { secret?: string } = {}) {
      const created = await createEndpoint(platform, project, {
        url: 'https://example.com/hooks',
        ...request,
      });
      if (created.outcome !== 'created') throw new Error(JSON.stringify(created));
      return created.endpoint;
    },

    /** Writes the outbox of a fact, as applying a turn does, and hints at it. */
    async fact(rest: Partial<Outbox> = {}): Promise<string> {
      facts += 1;
      const id = rest.id ?? `made-${String(facts).padStart(6, '0')}`;
      const now = base.clock.now();
      const memory = `memory-${facts}`;
      const outbox: Outbox = {
        id,
        project,
        entities: alice,
        facts: [
          { type: 'memory_add', memory, text: `Fact ${facts}.`, metadata: {}, categories: [] },
        ],
        order: base.platform.ids.next(),
        createdAt: now,
        ...rest,
      };
      const scope = orderingKeyOf(outbox);
      await store.transact([
        { op: 'put', key: outboxKey(project, scope, id), item: { ...outbox, dueAt: now } },
      ]);
      await base.notices.send([{ v: 1, kind: 'outbox', project, scope, outbox: id }]);
      return id;
    },

    /** Performs all hints that are ready concurrently, until none is left. */
    async dispatch(actor: FullPlatform = platform): Promise<void> {
      for (let hints = takeAll(); hints.length > 0; hints = takeAll())
        await Promise.all(hints.map((hint) => base.perform(hint, actor)));
    },

    /** Starts all hints that are ready, for receivers that do not answer yet. */
    begin(actor: FullPlatform = platform): Promise<void>[] {
      return takeAll().map((hint) => base.perform(hint, actor));
    },

    /** Performs outbox hints only; the deliveries stay due. */
    async fanOut(): Promise<void> {
      const hints = takeAll();
      await base.notices.send(hints.filter(({ kind }) => kind !== 'outbox'));
      for (const hint of hints) if (hint.kind === 'outbox') await base.perform(hint, platform);
    },

    /** Runs everything until it waits for a receiver or for the clock. */
    async settle(): Promise<void> {
      for (let tick = 0; tick < 60; tick++) await base.clock.advance(0);
    },

    /** Advances the clock, sweeps, and performs all hints. */
    async later(ms: number, actor: FullPlatform = platform): Promise<void> {
      await base.clock.advance(ms);
      await sweep(platform);
      await service.dispatch(actor);
    },

    deliveries: (): Delivery[] =>
      base.rows('DELIVERY').map(({ item }) => item as unknown as Delivery),

    async delivery(id?: string) {
      const found = id ?? service.deliveries()[0]?.id ?? '';
      const view = await getDelivery(platform, project, found);
      if (!view) throw new Error(`no delivery ${found}`);
      return view;
    },

    async limiter({ id }: Pick<Endpoint, 'id'>): Promise<EndpointLimiter> {
      const limiter = await store.get(limiterKey(project, id));
      if (!limiter) throw new Error('no limiter');
      return limiter;
    },
  };
  return service;
};
export type WebhookFixture = ReturnType<typeof openWebhookFixture>;

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;
