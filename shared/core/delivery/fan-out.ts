import { type Delivery, newDelivery } from '../../domain/delivery.ts';
import { type Endpoint, isWanted } from '../../domain/endpoint.ts';
import type { Item } from '../../domain/items.ts';
import {
  deliveryKey,
  deliveryListing,
  notificationKey,
  notificationListing,
  outboxKey,
} from '../../domain/keys.ts';
import { type Notification, notificationOf } from '../../domain/notification.ts';
import { pendingOutboxOf } from '../../domain/outbox.ts';
import { nextDelay } from '../../domain/retry-schedule.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { deliveryIsNew, erasuresAre, notificationIsNew } from '../conditions.ts';
import { hint } from '../hint.ts';
import { retention } from '../retention.ts';
import { check, erase, put } from '../steps.ts';
import { type Audience, audienceOf } from './audience.ts';
import { joinLane } from './lane.ts';

/** Steps of one transaction besides the one that fences it. */
const chunkSteps = 90;

/** What is told of one outbox. */
interface Telling {
  notifications: Notification[];
  deliveries: Delivery[];
  /** Those whose endpoints keep an order. */
  ordered: { endpoint: Endpoint; notification: Notification }[];
}

const tellingOf = (
  outbox: Item<'OUTBOX'>,
  { endpoints, isKept }: Audience,
  now: number,
): Telling => {
  const telling: Telling = { notifications: [], deliveries: [], ordered: [] };
  if (!isKept) return telling;
  for (const fact of outbox.facts) {
    const notification = notificationOf(outbox, fact);
    const { type, about } = notification;
    telling.notifications.push(notification);
    for (const endpoint of endpoints) {
      const told = { type, subject: notification, ...(about === undefined ? {} : { about }) };
      if (!isWanted(endpoint, told)) continue;
      if (endpoint.ordered) telling.ordered.push({ endpoint, notification });
      else telling.deliveries.push(newDelivery(notification, endpoint, now));
    }
  }
  return telling;
};

const writes = (platform: Backstage, telling: Telling, dueAt: number): Step[] => {
  const now = platform.clock.now();
  const kept = retention(platform.policy.retainDeliveriesDays, now);
  return [
    ...telling.notifications.map((notification) =>
      put(
        notificationKey(notification.project, notification.id),
        {
          ...notification,
          ...notificationListing(notification.project, notification.id, now),
          ...kept,
        },
        notificationIsNew,
      ),
    ),
    ...telling.deliveries.map((delivery) =>
      put(
        deliveryKey(delivery.project, delivery.notification, delivery.endpoint),
        { ...delivery, ...deliveryListing(delivery), ...kept, dueAt, nextAt: dueAt },
        deliveryIsNew,
      ),
    ),
  ];
};

/** Writes what is not there yet; false when the fence did not hold. */
const writeNew = async (
  platform: Backstage,
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

/** One try; false when an erasure came in between, or another fan-out was faster. */
const tell = async (
  platform: Backstage,
  outbox: Item<'OUTBOX'>,
  audience: Audience,
): Promise<boolean> => {
  const { project, id, erasures = 0 } = outbox;
  const key = outboxKey(project, id);
  const isAsRead = erasuresAre(erasures);
  const now = platform.clock.now();
  const delay = nextDelay(platform.policy.webhookSchedule, 0, platform.ids.random()) ?? 0;
  const telling = tellingOf(outbox, audience, now);
  const steps = writes(platform, telling, now + delay);
  while (steps.length > chunkSteps || (steps.length > 0 && telling.ordered.length > 0))
    if (!(await writeNew(platform, check(key, isAsRead), steps.splice(0, chunkSteps))))
      return false;

  const due = telling.deliveries.map((delivery) => delivery.id);
  for (const { endpoint, notification } of telling.ordered) {
    const { isDue, id: delivery } = await joinLane(platform, endpoint, notification, now + delay);
    if (isDue) due.push(delivery);
  }
  if (!(await writeNew(platform, erase(key, isAsRead), steps))) return false;
  await hint(
    platform,
    due.map((delivery) => ({ v: 1, kind: 'delivery', project, delivery })),
    delay,
  );
  return true;
};

/**
 * Tells everyone who asked to be told: makes the notifications of an outbox and a delivery to each endpoint that wants
 * it, under ids that follow from the outbox, and is done with it. Repeating it, twice at once or after a crash at any
 * point, makes nothing twice. That a turn was taken in is told before what became of it.
 */
export const fanOut = async (platform: Backstage, project: string, id: string): Promise<void> => {
  for (;;) {
    const outbox = await platform.store.get(outboxKey(project, id));
    if (!outbox) return;
    const audience = await audienceOf(platform, project, outbox.createdAt);
    const earlier = audience.isKept ? pendingOutboxOf(id) : undefined;
    if (earlier !== undefined) await fanOut(platform, project, earlier);
    if (await tell(platform, outbox, audience)) return;
  }
};
