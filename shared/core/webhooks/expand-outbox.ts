import type { Item } from '../../domain/table/items.ts';
import { deliveryKey, notificationKey, outboxKey } from '../../domain/table/keys.ts';
import { deliveryListing, notificationListing } from '../../domain/table/time-listings.ts';
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
import { erasuresAre } from '../conditions.ts';
import { check, put, remove } from '../steps.ts';
import { retention } from '../ttl.ts';
import { deliveryIsNew, notificationIsNew } from './conditions.ts';
import { appendOrdered } from './ordering.ts';
import type { Subscribers } from './subscribers.ts';

/** Steps per transaction, besides the fence; a transaction has at most 100. */
const maxChunkSteps = 90;

/** An endpoint and a notification it subscribes to. */
interface Recipient {
  endpoint: Endpoint;
  notification: Notification;
}

/** Returns the matching pairs in the order of the notifications. */
const matchRecipients = (
  notifications: readonly Notification[],
  endpoints: readonly Endpoint[],
): Recipient[] =>
  notifications.flatMap((notification) => {
    const { type, aboutEndpoint } = notification;
    const subscription = {
      type,
      subject: notification,
      ...(aboutEndpoint === undefined ? {} : { aboutEndpoint }),
    };
    return endpoints.flatMap((endpoint) =>
      matchesSubscription(endpoint, subscription) ? [{ endpoint, notification }] : [],
    );
  });

/** Removes notifications about categories that no endpoint wants: that about the memory has the categories too. */
const withoutUnwanted = (
  notifications: readonly Notification[],
  recipients: readonly Recipient[],
): Notification[] => {
  const wanted = new Set(recipients.map(({ notification }) => notification.id));
  return notifications.filter(({ id, type }) => type !== 'memory_categorize' || wanted.has(id));
};

const notificationWrites = (
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

const deliveryWrite = (platform: CorePlatform, delivery: Delivery, dueAt: number): Step => {
  const kept = retention(platform.policy.retainDeliveriesDays, platform.clock.now());
  return put(
    deliveryKey(delivery.project, delivery.notification, delivery.endpoint),
    { ...delivery, ...deliveryListing(delivery), ...kept, dueAt, nextAt: dueAt },
    deliveryIsNew,
  );
};

/** Writes the items that do not exist yet. False when the fence failed: the outbox was expanded elsewhere or changed. */
const writeMissing = async (
  platform: CorePlatform,
  fence: Step,
  steps: readonly Step[],
): Promise<boolean> => {
  let remaining = [...steps];
  for (;;) {
    const result = await commit(platform, [fence, ...remaining]);
    if (result.committed) return true;
    const refused = new Set(result.refusals.map(({ step }) => step));
    if (refused.has(0)) return false;
    remaining = remaining.filter((_, index) => !refused.has(index + 1));
  }
};

/** Writes chunks until at most `keep` steps remain. False when the fence failed. */
const writeChunks = async (
  platform: CorePlatform,
  fence: Step,
  steps: Step[],
  keep: number,
): Promise<boolean> => {
  while (steps.length > keep)
    if (!(await writeMissing(platform, fence, steps.splice(0, maxChunkSteps)))) return false;
  return true;
};

/** Appends deliveries to ordered endpoints one by one. Returns ids of those due now; undefined when the fence failed. */
const appendInOrder = async (
  platform: CorePlatform,
  ordered: readonly Recipient[],
  dueAt: number,
  fence: Step,
): Promise<string[] | undefined> => {
  const due: string[] = [];
  for (const { endpoint, notification } of ordered) {
    const result = await appendOrdered(platform, endpoint, notification, dueAt, fence);
    if (result === 'fenced') return undefined;
    if (result === 'unblocked') due.push(deliveryId(notification.id, endpoint.id));
  }
  return due;
};

/** `conflict`: an erasure or another fan-out changed the outbox meanwhile. */
export type ExpandResult = 'done' | 'conflict' | 'deadline_passed';

/** Expands the scope's older outboxes; false when the deadline passed. */
export type DrainEarlier = (outbox: Outbox) => Promise<boolean>;

/** Makes deliveries that were written start after a delay, when they are due in any case. */
export type Announce = (
  project: string,
  deliveries: readonly string[],
  delayMs: number,
) => Promise<void>;

/** Steps that require the stored outbox as it was read: that of each transaction, and that of the last one. */
const fencesOf = (outbox: Outbox, stored: Item<'OUTBOX'>) => {
  const key = outboxKey(outbox.project, orderingKeyOf(outbox), stored.id);
  const isUnchanged = erasuresAre(stored.erasures ?? 0);
  const fence = check(key, isUnchanged);
  return { fence, last: stored === outbox ? remove(key, isUnchanged) : fence };
};

/**
 * Makes one attempt to expand an outbox (transactional outbox). Unordered endpoints come first; ordered ones after
 * `drainEarlier` has expanded the scope's older outboxes. Every write is fenced by the outbox and conditional on being new,
 * so a retry, a crash or a concurrent expansion creates nothing twice; the outbox is deleted with the last write.
 * @param stored outbox of a later fact with which `outbox` is expanded: it is the fence, and stays
 */
export const expandOutbox = async (
  platform: CorePlatform,
  outbox: Outbox,
  { endpoints, storeNotifications }: Subscribers,
  drainEarlier: DrainEarlier,
  announce: Announce,
  stored: Item<'OUTBOX'> = outbox,
): Promise<ExpandResult> => {
  const { project } = outbox;
  const { fence, last } = fencesOf(outbox, stored);
  const now = platform.clock.now();
  const delay = nextDelay(platform.policy.webhookSchedule, 0, platform.ids.random()) ?? 0;
  const hintAt = (deliveries: readonly string[]): Promise<void> =>
    announce(project, deliveries, delay);
  const possible = storeNotifications ? notificationsOf(outbox) : [];
  const recipients = matchRecipients(possible, endpoints);
  const notifications = withoutUnwanted(possible, recipients);
  const ordered = recipients.filter(({ endpoint }) => endpoint.ordered);
  const deliveries = recipients
    .filter(({ endpoint }) => !endpoint.ordered)
    .map(({ endpoint, notification }) => newDelivery(notification, endpoint, now));
  const due = deliveries.map((delivery) => delivery.id);
  const steps = [
    ...notificationWrites(platform, notifications),
    ...deliveries.map((delivery) => deliveryWrite(platform, delivery, now + delay)),
  ];
  if (!(await writeChunks(platform, fence, steps, ordered.length > 0 ? 0 : maxChunkSteps)))
    return 'conflict';
  if (ordered.length > 0) {
    await hintAt(due.splice(0));
    if (!(await drainEarlier(outbox))) return 'deadline_passed';
    const dueInOrder = await appendInOrder(platform, ordered, now + delay, fence);
    if (!dueInOrder) return 'conflict';
    due.push(...dueInOrder);
  }
  if (!(await writeMissing(platform, last, steps))) return 'conflict';
  await hintAt(due);
  return 'done';
};
