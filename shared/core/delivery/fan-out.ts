import { type Delivery, deliveryId, newDelivery } from '../../domain/delivery.ts';
import { type Endpoint, isWanted } from '../../domain/endpoint.ts';
import type { Item } from '../../domain/items.ts';
import {
  deliveryKey,
  deliveryListing,
  notificationKey,
  notificationListing,
  outboxKey,
} from '../../domain/keys.ts';
import { type Notification, notificationsOf } from '../../domain/notification.ts';
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

/** Something that an endpoint wants to be told. */
interface Telling {
  endpoint: Endpoint;
  notification: Notification;
}

/** Who is told what, in the order it is told in. */
const tellingsOf = (
  notifications: readonly Notification[],
  endpoints: readonly Endpoint[],
): Telling[] =>
  notifications.flatMap((notification) => {
    const { type, about } = notification;
    const told = { type, subject: notification, ...(about === undefined ? {} : { about }) };
    return endpoints.flatMap((endpoint) =>
      isWanted(endpoint, told) ? [{ endpoint, notification }] : [],
    );
  });

const notificationSteps = (platform: Backstage, notifications: readonly Notification[]): Step[] => {
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

const deliveryStep = (platform: Backstage, delivery: Delivery, dueAt: number): Step => {
  const kept = retention(platform.policy.retainDeliveriesDays, platform.clock.now());
  return put(
    deliveryKey(delivery.project, delivery.notification, delivery.endpoint),
    { ...delivery, ...deliveryListing(delivery), ...kept, dueAt, nextAt: dueAt },
    deliveryIsNew,
  );
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

/** All but the last chunk; false when the fence did not hold. */
const writeAhead = async (
  platform: Backstage,
  fence: Step,
  steps: Step[],
  keep: number,
): Promise<boolean> => {
  while (steps.length > keep)
    if (!(await writeNew(platform, fence, steps.splice(0, chunkSteps)))) return false;
  return true;
};

/** Endpoints that keep an order get theirs one after the other; ids of what is due at once. */
const tellInOrder = async (
  platform: Backstage,
  ordered: readonly Telling[],
  dueAt: number,
): Promise<string[]> => {
  const due: string[] = [];
  for (const { endpoint, notification } of ordered) {
    const joined = await joinLane(platform, endpoint, notification, dueAt);
    if (joined === 'due') due.push(deliveryId(notification.id, endpoint.id));
  }
  return due;
};

/** One try; false when an erasure came in between, or another fan-out was faster. */
const tell = async (
  platform: Backstage,
  outbox: Item<'OUTBOX'>,
  { endpoints, isKept }: Audience,
): Promise<boolean> => {
  const { project, id, erasures = 0 } = outbox;
  const key = outboxKey(project, id);
  const isAsRead = erasuresAre(erasures);
  const now = platform.clock.now();
  const delay = nextDelay(platform.policy.webhookSchedule, 0, platform.ids.random()) ?? 0;
  const notifications = isKept ? notificationsOf(outbox) : [];
  const tellings = tellingsOf(notifications, endpoints);
  const ordered = tellings.filter(({ endpoint }) => endpoint.ordered);
  const deliveries = tellings
    .filter(({ endpoint }) => !endpoint.ordered)
    .map(({ endpoint, notification }) => newDelivery(notification, endpoint, now));
  const steps = [
    ...notificationSteps(platform, notifications),
    ...deliveries.map((delivery) => deliveryStep(platform, delivery, now + delay)),
  ];
  const keep = ordered.length > 0 ? 0 : chunkSteps;
  if (!(await writeAhead(platform, check(key, isAsRead), steps, keep))) return false;
  const due = await tellInOrder(platform, ordered, now + delay);
  if (!(await writeNew(platform, erase(key, isAsRead), steps))) return false;
  due.push(...deliveries.map((delivery) => delivery.id));
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
