import type { Item } from '../../domain/table/items.ts';
import { deliveryKey, deliveryListing, orderingTailKey } from '../../domain/table/keys.ts';
import { type Delivery, newDelivery } from '../../domain/webhooks/delivery.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { type Notification, orderingKeyOf } from '../../domain/webhooks/notification.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import {
  deliveryIsBlocked,
  deliveryIsNew,
  erasuresAre,
  orderingTailIsAt,
  tailIsOpen,
} from '../conditions.ts';
import { put, update } from '../steps.ts';
import { retention } from '../ttl.ts';

/** `due`: nothing is before it. `waiting`: something is. `known`: it was there already. `late`: the fence did not hold. */
type AppendResult = 'unblocked' | 'blocked' | 'duplicate' | 'fenced';

/** What puts a delivery at the end of a lane, behind the one before it or alone. */
const stepsOf = (
  platform: CorePlatform,
  endpoint: Endpoint,
  notification: Notification,
  tail: Item<'LANE'> | undefined,
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
  const joining = put(
    orderingTailKey(project, id, scope),
    last,
    orderingTailIsAt(tail?.number ?? 0),
  );
  const before = deliveryKey(project, tail?.last ?? '', id);
  return {
    blockedWrites: [
      fence,
      put(key, { ...item, waits: true }, deliveryIsNew),
      joining,
      update(before, { successor: notification.id }, tailIsOpen),
    ],
    unblockedWrites: [fence, put(key, { ...item, dueAt, nextAt: dueAt }, deliveryIsNew), joining],
  };
};

/** Undefined when something else joined meanwhile. */
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
 * Puts a delivery at the end of its scope's lane to an ordered endpoint. While the one before it is open it waits, without
 * a due time of its own: whatever ends that one wakes it, in the same transaction.
 * @param fence holds while its outbox is there as it was read: whatever comes later in the lane waits for that to go
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
    const { blockedWrites, unblockedWrites } = stepsOf(
      platform,
      endpoint,
      notification,
      tail,
      dueAt,
      fence,
    );
    const joined = tail ? await tryAppend(platform, blockedWrites, 'blocked') : 'no_predecessor';
    const done =
      joined === 'no_predecessor'
        ? await tryAppend(platform, unblockedWrites, 'unblocked')
        : joined;
    if (done !== undefined && done !== 'no_predecessor') return done;
  }
};

/** Wakes the one behind a delivery that is over; nothing to do when it has gone meanwhile. */
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
          ['waits'],
        ),
      ];
