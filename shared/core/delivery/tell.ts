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
import { laneOf, type Notification, notificationsOf } from '../../domain/notification.ts';
import type { Outbox } from '../../domain/outbox.ts';
import { nextDelay } from '../../domain/retry-schedule.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { deliveryIsNew, erasuresAre, notificationIsNew } from '../conditions.ts';
import { hint } from '../hint.ts';
import { retention } from '../retention.ts';
import { check, erase, put } from '../steps.ts';
import type { Audience } from './audience.ts';
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

/** Endpoints that keep an order get theirs one after the other; ids of what is due at once, undefined when the fence did not hold. */
const tellInOrder = async (
  platform: Backstage,
  ordered: readonly Telling[],
  dueAt: number,
  fence: Step,
): Promise<string[] | undefined> => {
  const due: string[] = [];
  for (const { endpoint, notification } of ordered) {
    const joined = await joinLane(platform, endpoint, notification, dueAt, fence);
    if (joined === 'late') return undefined;
    if (joined === 'due') due.push(deliveryId(notification.id, endpoint.id));
  }
  return due;
};

/** `again`: an erasure came in between, or another fan-out was faster. `late`: time is up. */
type Told = 'done' | 'again' | 'late';

/** Sees to what comes before an outbox; false when time is up. */
export type Preparation = (outbox: Outbox) => Promise<boolean>;

/**
 * One try to tell what an outbox tells. Whoever keeps no order is told at once; whoever does, once `prepare` has seen to
 * what is earlier.
 */
export const tell = async (
  platform: Backstage,
  outbox: Item<'OUTBOX'>,
  { endpoints, isKept }: Audience,
  prepare: Preparation,
): Promise<Told> => {
  const { project, id, erasures = 0 } = outbox;
  const key = outboxKey(project, laneOf(outbox), id);
  const isAsRead = erasuresAre(erasures);
  const fence = check(key, isAsRead);
  const now = platform.clock.now();
  const delay = nextDelay(platform.policy.webhookSchedule, 0, platform.ids.random()) ?? 0;
  const hintAt = (deliveries: readonly string[]): Promise<void> =>
    hint(
      platform,
      deliveries.map((delivery) => ({ v: 1, kind: 'delivery', project, delivery })),
      delay,
    );
  const notifications = isKept ? notificationsOf(outbox) : [];
  const tellings = tellingsOf(notifications, endpoints);
  const ordered = tellings.filter(({ endpoint }) => endpoint.ordered);
  const deliveries = tellings
    .filter(({ endpoint }) => !endpoint.ordered)
    .map(({ endpoint, notification }) => newDelivery(notification, endpoint, now));
  const due = deliveries.map((delivery) => delivery.id);
  const steps = [
    ...notificationSteps(platform, notifications),
    ...deliveries.map((delivery) => deliveryStep(platform, delivery, now + delay)),
  ];
  if (!(await writeAhead(platform, fence, steps, ordered.length > 0 ? 0 : chunkSteps)))
    return 'again';
  if (ordered.length > 0) {
    await hintAt(due.splice(0));
    if (!(await prepare(outbox))) return 'late';
    const dueInOrder = await tellInOrder(platform, ordered, now + delay, fence);
    if (!dueInOrder) return 'again';
    due.push(...dueInOrder);
  }
  if (!(await writeNew(platform, erase(key, isAsRead), steps))) return 'again';
  await hintAt(due);
  return 'done';
};
