import type { Item } from '../../domain/table/items.ts';
import {
  deliveryKey,
  deliveryListing,
  notificationKey,
  notificationListing,
  outboxKey,
} from '../../domain/table/keys.ts';
import { type Delivery, deliveryId, newDelivery } from '../../domain/webhooks/delivery.ts';
import { type Endpoint, matchesSubscription } from '../../domain/webhooks/endpoint.ts';
import {
  type Notification,
  notificationsOf,
  orderingKeyOf,
} from '../../domain/webhooks/notification.ts';
import type { Outbox } from '../../domain/webhooks/outbox.ts';
import { nextDelay } from '../../domain/webhooks/retry-schedule.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { deliveryIsNew, erasuresAre, notificationIsNew } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { check, put, remove } from '../steps.ts';
import { retention } from '../ttl.ts';
import { appendOrdered } from './ordering.ts';
import type { Subscribers } from './subscribers.ts';

/** Steps of one transaction besides the one that fences it. */
const chunkSteps = 90;

/** Something that an endpoint wants to be told. */
interface Recipient {
  endpoint: Endpoint;
  notification: Notification;
}

/** Who is told what, in the order it is told in. */
const matchRecipients = (
  notifications: readonly Notification[],
  endpoints: readonly Endpoint[],
): Recipient[] =>
  notifications.flatMap((notification) => {
    const { type, aboutEndpoint } = notification;
    const told = {
      type,
      subject: notification,
      ...(aboutEndpoint === undefined ? {} : { aboutEndpoint }),
    };
    return endpoints.flatMap((endpoint) =>
      matchesSubscription(endpoint, told) ? [{ endpoint, notification }] : [],
    );
  });

const notificationSteps = (
  platform: CorePlatform,
  notifications: readonly Notification[],
): Step[] => {
  const now = platform.clock.now();
  const kept = retention(platform.policy.retainDeliveriesDays, now);
  return notifications.map((notification) =>
    put(
      notificationKey(notification.project, notification.id),
      { ...notification, ...notificationListing(notification, now), ...kept },
      notificationIsNew,
    ),
  );
};

const deliveryStep = (platform: CorePlatform, delivery: Delivery, dueAt: number): Step => {
  const kept = retention(platform.policy.retainDeliveriesDays, platform.clock.now());
  return put(
    deliveryKey(delivery.project, delivery.notification, delivery.endpoint),
    { ...delivery, ...deliveryListing(delivery), ...kept, dueAt, nextAt: dueAt },
    deliveryIsNew,
  );
};

/** Writes what is not there yet; false when the fence did not hold. */
const writeMissing = async (
  platform: CorePlatform,
  fence: Step,
  steps: readonly Step[],
): Promise<boolean> => {
  let left = [...steps];
  for (;;) {
    const result = await commit(platform, [fence, ...left]);
    if (result.committed) return true;
    const refused = new Set(result.refusals.map(({ step }) => step));
    if (refused.has(0)) return false;
    left = left.filter((_, index) => !refused.has(index + 1));
  }
};

/** All but the last chunk; false when the fence did not hold. */
const writeChunks = async (
  platform: CorePlatform,
  fence: Step,
  steps: Step[],
  keep: number,
): Promise<boolean> => {
  while (steps.length > keep)
    if (!(await writeMissing(platform, fence, steps.splice(0, chunkSteps)))) return false;
  return true;
};

/** Endpoints that keep an order get theirs one after the other; ids of what is due at once, undefined when the fence did not hold. */
const appendInOrder = async (
  platform: CorePlatform,
  ordered: readonly Recipient[],
  dueAt: number,
  fence: Step,
): Promise<string[] | undefined> => {
  const due: string[] = [];
  for (const { endpoint, notification } of ordered) {
    const joined = await appendOrdered(platform, endpoint, notification, dueAt, fence);
    if (joined === 'fenced') return undefined;
    if (joined === 'unblocked') due.push(deliveryId(notification.id, endpoint.id));
  }
  return due;
};

/** `again`: an erasure came in between, or another fan-out was faster. `late`: time is up. */
type ExpandResult = 'done' | 'again' | 'late';

/** Sees to what comes before an outbox; false when time is up. */
export type DrainEarlier = (outbox: Outbox) => Promise<boolean>;

/**
 * One try to tell what an outbox tells. Whoever keeps no order is told at once; whoever does, once `prepare` has seen to
 * what is earlier.
 */
export const expandOutbox = async (
  platform: CorePlatform,
  outbox: Item<'OUTBOX'>,
  { endpoints, storeNotifications }: Subscribers,
  prepare: DrainEarlier,
): Promise<ExpandResult> => {
  const { project, id, erasures = 0 } = outbox;
  const key = outboxKey(project, orderingKeyOf(outbox), id);
  const isAsRead = erasuresAre(erasures);
  const fence = check(key, isAsRead);
  const now = platform.clock.now();
  const delay = nextDelay(platform.policy.webhookSchedule, 0, platform.ids.random()) ?? 0;
  const hintAt = (deliveries: readonly string[]): Promise<void> =>
    enqueueHints(
      platform,
      deliveries.map((delivery) => hints.delivery(project, delivery)),
      delay,
    );
  const notifications = storeNotifications ? notificationsOf(outbox) : [];
  const recipients = matchRecipients(notifications, endpoints);
  const ordered = recipients.filter(({ endpoint }) => endpoint.ordered);
  const deliveries = recipients
    .filter(({ endpoint }) => !endpoint.ordered)
    .map(({ endpoint, notification }) => newDelivery(notification, endpoint, now));
  const due = deliveries.map((delivery) => delivery.id);
  const steps = [
    ...notificationSteps(platform, notifications),
    ...deliveries.map((delivery) => deliveryStep(platform, delivery, now + delay)),
  ];
  if (!(await writeChunks(platform, fence, steps, ordered.length > 0 ? 0 : chunkSteps)))
    return 'again';
  if (ordered.length > 0) {
    await hintAt(due.splice(0));
    if (!(await prepare(outbox))) return 'late';
    const dueInOrder = await appendInOrder(platform, ordered, now + delay, fence);
    if (!dueInOrder) return 'again';
    due.push(...dueInOrder);
  }
  if (!(await writeMissing(platform, remove(key, isAsRead), steps))) return 'again';
  await hintAt(due);
  return 'done';
};
