import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createDispatcherHandler } from '../../functions/dispatcher/handler.ts';
import { dispatcherConcurrency } from '../../functions/local/background-work.ts';
import { runConsumer } from '../../functions/local/consumer.ts';
import { createRequestPriority } from '../../functions/local/request-priority.ts';
import { createEndpoint } from '../../shared/core/webhooks/endpoints.ts';
import { createFanOut } from '../../shared/core/webhooks/fan-out.ts';
import { createLimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import { outboxKey } from '../../shared/domain/table/keys.ts';
import { parseAllowlistEntry } from '../../shared/domain/webhooks/allowlist.ts';
import { memoryNotificationId, orderingKeyOf } from '../../shared/domain/webhooks/notification.ts';
import type { Outbox } from '../../shared/domain/webhooks/outbox.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import type { Step } from '../../shared/ports/store.ts';
import type { WebhookClient } from '../../shared/ports/webhook-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startServer } from './programs.ts';

const Ports = z.tuple([z.number(), z.number(), z.number()]);
const Arrivals = z.array(z.tuple([z.string(), z.number(), z.number()]));
export const project = 'bench';
export const secret = `whsec_${randomBytes(32).toString('base64')}`;

/** Milliseconds by the monotonic clock of the machine, which the receiver uses too. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

const noDeadline = { deadlineAt: Number.POSITIVE_INFINITY, signal: new AbortController().signal };

const hintOf = (outbox: Outbox) =>
  ({ v: 1, kind: 'outbox', project, scope: orderingKeyOf(outbox), outbox: outbox.id }) as const;

const isAttempt = ({ key }: Step): boolean => key.kind === 'ATTEMPT';

/** Starts a dispatcher as the local service runs it, and a receiver in a process of its own. */
export const openWebhookService = async () => {
  const server = await startServer('webhook-receiver.ts');
  const [quick, usual, hanging] = Ports.parse(JSON.parse(server.url));
  const folder = temporaryFolder();
  const pairs = [quick, usual, hanging].map((port) => parseAllowlistEntry(`127.0.0.1:${port}`));
  const platform = createLocalPlatform({
    dataDir: folder.path,
    webhookAllow: pairs.flatMap((pair) => pair ?? []),
  });
  let recorded = 0;
  let awaited = { count: Number.POSITIVE_INFINITY, reached: (): void => {} };
  const counting = {
    ...platform.store,
    transact: async (steps: readonly Step[]) => {
      const result = await platform.store.transact(steps);
      if (result.committed) recorded += steps.filter(isAttempt).length;
      if (recorded >= awaited.count) awaited.reached();
      return result;
    },
  };
  const departures = new Map<string, number>();
  const webhookClient: WebhookClient = {
    ...platform.webhookClient,
    post: (post) => {
      departures.set(post.headers['webhook-id'] ?? '', machineMs());
      return platform.webhookClient.post(post);
    },
  };
  const counted = { ...platform, store: counting, webhookClient };
  const requestPriority = createRequestPriority(platform.clock);
  const background = { ...counted, store: requestPriority.throttledStore(counting) };
  const stop = new AbortController();
  const consumer = runConsumer(
    counted,
    platform.notifications,
    createDispatcherHandler(background, createLimiterStore(counted)),
    { stop: stop.signal, cancel: stop.signal, concurrency: dispatcherConcurrency },
    requestPriority.waitForQuiet,
  );
  const urlOf = (port: number): string => `http://127.0.0.1:${port}/hooks`;

  const outboxOf = (user: string, index: number): Outbox => ({
    id: platform.ids.next(),
    project,
    entities: { user },
    facts: [
      {
        type: 'memory_add',
        memory: platform.ids.next(),
        text: `Visited town ${index} and bought ${index} red lamps`,
        metadata: {},
        categories: [],
      },
    ],
    order: platform.ids.next(),
    createdAt: platform.clock.now(),
  });

  const commitFact = async (user: string, index: number): Promise<Outbox> => {
    const outbox = outboxOf(user, index);
    const dueAt = platform.clock.now();
    await platform.store.transact([
      {
        op: 'put',
        key: outboxKey(project, orderingKeyOf(outbox), outbox.id),
        item: { ...outbox, dueAt },
      },
    ]);
    return outbox;
  };

  return {
    quick: urlOf(quick),
    usual: urlOf(usual),
    hanging: urlOf(hanging),
    usualPort: usual,
    platform,
    /** Time of the last POST of each `webhook-id`. */
    departures,

    /** Creates an endpoint that subscribes to one user. */
    async register(url: string, user: string, maxInFlight: number): Promise<void> {
      const filters = { user: [user] };
      const request = { url, filters, maxInFlight, secret };
      const created = await createEndpoint(platform, project, request);
      if (created.outcome !== 'created') throw new Error(`an endpoint was ${created.outcome}`);
    },

    /** Creates deliveries that are due, and returns their hints unsent. */
    async prepare(user: string, count: number): Promise<Hint[]> {
      const hints: Hint[] = [];
      const notifications = {
        send: async (sent: readonly Hint[]) => void hints.push(...sent),
      };
      const fanOut = createFanOut({ ...platform, notifications });
      const facts = Array.from({ length: count }, (_, index) => commitFact(user, index));
      for (const outbox of await Promise.all(facts)) await fanOut(hintOf(outbox), noDeadline);
      return hints;
    },

    /** Commits a fact and sends its hint, as the core does; returns the time of the commit and the fact's `webhook-id`. */
    async commitAndHint(user: string, index: number): Promise<{ id: string; at: number }> {
      const outbox = await commitFact(user, index);
      const at = machineMs();
      await platform.notifications.send([hintOf(outbox)]);
      const memory = outbox.facts.flatMap((fact) => ('memory' in fact ? fact.memory : [])).join();
      return { id: memoryNotificationId(project, outbox.id, memory), at };
    },

    /** Resolves once this number of further attempts is recorded. */
    recorded: (more: number): Promise<void> =>
      new Promise((resolve) => {
        awaited = { count: recorded + more, reached: resolve };
      }),

    /** Arrivals since the call before. */
    async arrivals(): Promise<[string, number, number][]> {
      return Arrivals.parse(await (await fetch(urlOf(quick))).json());
    },

    async close(): Promise<void> {
      stop.abort();
      await platform.webhookClient.close();
      await consumer;
      await platform.close();
      await server.stop();
      folder.remove();
    },
  };
};
