import type { Item } from '../../domain/table/items.ts';
import { outboxKey } from '../../domain/table/keys.ts';
import { orderingKeyOf } from '../../domain/webhooks/notification.ts';
import { acceptedOutboxId, type Outbox } from '../../domain/webhooks/outbox.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import type { Deadline } from '../deadline.ts';
import { enqueueHints, hints } from '../hints.ts';
import { everyPage } from '../pagination.ts';
import { missedAcceptance } from './acceptances.ts';
import type { Dispatcher } from './endpoint-dispatcher.ts';
import {
  type Announce,
  type DrainEarlier,
  type ExpandResult,
  expandOutbox,
} from './expand-outbox.ts';
import { createKeyedMutex } from './keyed-mutex.ts';
import { createSubscriberCache, type SubscriberCache, type Subscribers } from './subscribers.ts';

type OutboxHint = Extract<Hint, { kind: 'outbox' }>;

/** Expands the outbox that a hint names. */
export type FanOut = (hint: OutboxHint, deadline: Deadline) => Promise<void>;

/** Dispatcher of the same process. */
type SharedDispatcher = Pick<Dispatcher, 'dispatchDelivery' | 'isShared'>;

/** Ids of the scope's older outboxes that are still stored, in order. */
const earlierOutboxes = async ({ store }: CorePlatform, outbox: Outbox): Promise<string[]> => {
  const { pk } = outboxKey(outbox.project, orderingKeyOf(outbox), '');
  const stored = await everyPage((from) =>
    store.query({ kind: 'OUTBOX', pk, prefix: 'OUTBOX#', ...from }),
  );
  return stored
    .map(({ item }) => item)
    .filter(({ order }) => order < outbox.order)
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ id }) => id);
};

/** Dependencies of an expansion. */
interface Expansion {
  subscriberCache: SubscriberCache;
  drainEarlier: DrainEarlier;
  announce: Announce;
}

/** Expands the acceptance of the turn whose end or failure an outbox reports, if it has an outbox of its own or has none. */
const expandAcceptance = async (
  platform: CorePlatform,
  hint: OutboxHint,
  end: Item<'OUTBOX'>,
  subscribers: Subscribers,
  expansion: Expansion,
): Promise<ExpandResult> => {
  const accepted = subscribers.storeNotifications ? acceptedOutboxId(end.id) : undefined;
  if (accepted === undefined) return 'done';
  const earlier = { ...hint, outbox: accepted };
  if (!(await expandUntilStable(platform, earlier, expansion))) return 'deadline_passed';
  const missed = await missedAcceptance(platform, end, accepted, subscribers);
  if (!missed) return 'done';
  const { drainEarlier, announce } = expansion;
  return expandOutbox(platform, missed.outbox, missed.subscribers, drainEarlier, announce, end);
};

/**
 * Expands the outbox of the turn's acceptance first, then this one, and tries again after a conflict with a concurrent change.
 * False when the deadline passed first.
 */
const expandUntilStable = async (
  platform: CorePlatform,
  hint: OutboxHint,
  expansion: Expansion,
): Promise<boolean> => {
  const { project, scope, outbox: id } = hint;
  const { subscriberCache, drainEarlier, announce } = expansion;
  for (;;) {
    const outbox = await platform.store.get(outboxKey(project, scope, id));
    if (!outbox) return true;
    const subscribers = await subscriberCache.load(project, outbox.createdAt);
    const accepted = await expandAcceptance(platform, hint, outbox, subscribers, expansion);
    const result =
      accepted === 'done'
        ? await expandOutbox(platform, outbox, subscribers, drainEarlier, announce)
        : accepted;
    if (result !== 'conflict') return result === 'done';
  }
};

/**
 * Creates the fan-out of a process: once per process, since it caches subscribers and serialises work per scope.
 *
 * Fan-out expands an outbox into notifications and deliveries. Ids are derived from the outbox, so running it twice,
 * concurrently or after a crash creates nothing twice. Ordered endpoints receive a scope's facts in the order of their
 * outboxes: older outboxes of the scope are expanded first. Work that does not fit the deadline is enqueued again.
 * @param dispatcher sends deliveries of endpoints that several processes send to at once, without a hint for each
 */
export const createFanOut = (platform: CorePlatform, dispatcher?: SharedDispatcher): FanOut => {
  const subscriberCache = createSubscriberCache(platform);
  const withLock = createKeyedMutex();
  return async (hint, deadline) => {
    const { project, scope } = hint;
    const { deadlineAt } = deadline;
    const started: (Promise<void> | undefined)[] = [];
    const announce: Announce = async (_, deliveries, delayMs) => {
      const isOwn = (delivery: string): boolean =>
        delayMs === 0 && dispatcher?.isShared(project, delivery) === true;
      const hinted = deliveries.filter((delivery) => !isOwn(delivery));
      for (const delivery of deliveries.filter(isOwn)) {
        const sent = dispatcher?.dispatchDelivery(project, delivery, deadline);
        // Reported below, once all have ended.
        sent?.catch(() => undefined);
        started.push(sent);
      }
      await enqueueHints(
        platform,
        hinted.map((delivery) => hints.delivery(project, delivery)),
        delayMs,
      );
    };
    const expandEarlier = async (outbox: Outbox): Promise<boolean> => {
      for (const id of await earlierOutboxes(platform, outbox)) {
        if (platform.clock.now() >= deadlineAt) return false;
        const earlier = { ...hint, outbox: id };
        const isFirst = async () => true;
        await expandUntilStable(platform, earlier, {
          subscriberCache,
          drainEarlier: isFirst,
          announce,
        });
      }
      return true;
    };
    const drainEarlier: DrainEarlier = (outbox) =>
      withLock(`${project} ${scope}`, () => expandEarlier(outbox));
    try {
      const expansion = { subscriberCache, drainEarlier, announce };
      const isDone = await expandUntilStable(platform, hint, expansion);
      if (!isDone) await enqueueHints(platform, [hint]);
    } finally {
      await Promise.allSettled(started);
    }
    await Promise.all(started);
  };
};
