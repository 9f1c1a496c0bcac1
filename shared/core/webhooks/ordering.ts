import type { Item } from '../../domain/table/items.ts';
import { deliveryKey, orderingTailKey } from '../../domain/table/keys.ts';
import { deliveryListing } from '../../domain/table/time-listings.ts';
import { type Delivery, newDelivery } from '../../domain/webhooks/delivery.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { type Notification, orderingKeyOf } from '../../domain/webhooks/notification.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { erasuresAre } from '../conditions.ts';
import { put, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { deliveryIsBlocked, deliveryIsNew, orderingTailIsAt, tailIsOpen } from './conditions.ts';

/**
 * `unblocked`: no earlier delivery of the scope is open. `blocked`: one is. `duplicate`: the delivery existed already.
 * `fenced`: the outbox was changed or expanded meanwhile.
 */
type AppendResult = 'unblocked' | 'blocked' | 'duplicate' | 'fenced';

/** Writes that append a delivery to its scope's sequence: blocked by its predecessor, or without one. */
const appendWrites = (
  platform: CorePlatform,
  endpoint: Endpoint,
  notification: Notification,
  tail: Item<'ORDERING'> | undefined,
  dueAt: number,
  fence: Step,
): { blockedWrites: Step[]; unblockedWrites: Step[] } => {
  const { project, id } = endpoint;
  const now = platform.clock.now();
  const number = (tail?.number ?? 0) + 1;
  const scope = orderingKeyOf(notification);
  const delivery = { ...newDelivery(notification, endpoint, now), ordering: { scope, number } };
  const kept = retention(platform.policy.retainDeliveriesDays, now);
  const key = deliveryKey(project, notification.id, id);
  const item = { ...delivery, ...deliveryListing(delivery), ...kept };
  const last = { last: notification.id, number, ...kept };
  const newTail = put(
    orderingTailKey(project, id, scope),
    last,
    orderingTailIsAt(tail?.number ?? 0),
  );
  const before = deliveryKey(project, tail?.last ?? '', id);
  return {
    blockedWrites: [
      fence,
      put(key, { ...item, blocked: true }, deliveryIsNew),
      newTail,
      update(before, { successor: notification.id }, tailIsOpen),
    ],
    unblockedWrites: [fence, put(key, { ...item, dueAt, nextAt: dueAt }, deliveryIsNew), newTail],
  };
};

/** Undefined when another delivery was appended meanwhile. */
const tryAppend = async (
  platform: CorePlatform,
  steps: readonly Step[],
  as: AppendResult,
): Promise<AppendResult | 'no_predecessor' | undefined> => {
  const refused = failedConditions(await commit(platform, steps));
  if (refused.length === 0) return as;
  if (refused.includes(erasuresAre(0).name)) return 'fenced';
  if (refused.includes(deliveryIsNew.name)) return 'duplicate';
  return refused.includes(orderingTailIsAt(0).name) ? undefined : 'no_predecessor';
};

/**
 * Appends a delivery to its scope's sequence at an ordered endpoint (FIFO per ordering key). While its predecessor is open
 * the delivery is blocked, without a due time: the transaction that ends the predecessor unblocks it. Safe to repeat: the
 * delivery and the sequence's tail are conditional.
 * @param fence holds while the outbox is stored as it was read: later outboxes of the scope wait until it is gone
 */
export const appendOrdered = async (
  platform: CorePlatform,
  endpoint: Endpoint,
  notification: Notification,
  dueAt: number,
  fence: Step,
): Promise<AppendResult> => {
  const { store } = platform;
  const key = orderingTailKey(endpoint.project, endpoint.id, orderingKeyOf(notification));
  for (;;) {
    const tail = await store.get(key);
    if (tail?.last === notification.id) return 'duplicate';
    const { blockedWrites, unblockedWrites } = appendWrites(
      platform,
      endpoint,
      notification,
      tail,
      dueAt,
      fence,
    );
    const appended = tail ? await tryAppend(platform, blockedWrites, 'blocked') : 'no_predecessor';
    const done =
      appended === 'no_predecessor'
        ? await tryAppend(platform, unblockedWrites, 'unblocked')
        : appended;
    if (done !== undefined && done !== 'no_predecessor') return done;
  }
};

/** Writes that unblock the delivery after a final one, on condition that it still exists and is blocked. */
export const releaseSuccessor = (
  { project, endpoint, successor }: Delivery,
  now: number,
): Step[] =>
  successor === undefined
    ? []
    : [
        update(
          deliveryKey(project, successor, endpoint),
          { dueAt: now, nextAt: now },
          deliveryIsBlocked,
          ['blocked'],
        ),
      ];
