import type { Item } from '../../domain/table/items.ts';
import { deliveryKey, notificationKey } from '../../domain/table/keys.ts';
import { deliveryPks, notificationPks, sortableTime } from '../../domain/table/time-listings.ts';
import { type Delivery, isFinal, newDelivery, statusOf } from '../../domain/webhooks/delivery.ts';
import { type Endpoint, matchesSubscription } from '../../domain/webhooks/endpoint.ts';
import { type Notification, orderingKeyOf } from '../../domain/webhooks/notification.ts';
import type { Recovery } from '../../domain/webhooks/recovery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { positionAfter, scanTimeIndex } from './time-index.ts';

/** A notification or delivery a recovery examines, and the delivery to queue for it. */
export interface RecoveryCandidate {
  /** Position in the listing. */
  at: string;
  /** The stored delivery, if there is one. */
  before: Item<'DELIVERY'> | undefined;
  /** The delivery to queue; undefined when the candidate is not selected. */
  delivery: Delivery | undefined;
}

const pageSize = 100;

/** A delivery that was never created; keeps the time and order of its notification. */
const missingDelivery = (notification: Notification, endpoint: Endpoint): Delivery => ({
  ...newDelivery(notification, endpoint, notification.createdAt, 'recover'),
  ...(endpoint.ordered
    ? { ordering: { scope: orderingKeyOf(notification), number: Number(notification.order) } }
    : {}),
});

const isSelected = ({ which }: Recovery, before: Delivery | undefined): boolean => {
  if (!before) return which !== 'failed';
  if (!isFinal(before) || statusOf(before) === 'queued' || which === 'missing') return false;
  return which === 'all' || before.state === 'exhausted';
};

/** A candidate by the current state of its delivery; without its notification nothing can be sent, so it is not selected. */
const toCandidate = (
  recovery: Recovery,
  endpoint: Endpoint,
  at: string,
  before: Item<'DELIVERY'> | undefined,
  notification: Notification | undefined,
): RecoveryCandidate => {
  if (!notification || !isSelected(recovery, before)) return { at, before, delivery: undefined };
  if (before) return { at, before, delivery: before };
  const { type, aboutEndpoint } = notification;
  const subscription = {
    type,
    subject: notification,
    ...(aboutEndpoint === undefined ? {} : { aboutEndpoint }),
  };
  const delivery = matchesSubscription(endpoint, subscription)
    ? missingDelivery(notification, endpoint)
    : undefined;
  return { at, before, delivery };
};

/**
 * Returns the recovery's next candidates, oldest first, from its cursor on. An empty page is the end, unless `stoppedAt` is
 * set: the scan's budget ran out first, and the next one starts there. Reads only.
 */
export const recoverablePage = async (
  { store }: CorePlatform,
  recovery: Recovery,
  endpoint: Endpoint,
): Promise<{ page: RecoveryCandidate[]; stoppedAt?: string }> => {
  const { project, which, since, until, cursor } = recovery;
  const { id } = endpoint;
  const range = {
    from: cursor ?? sortableTime(since),
    to: positionAfter(until),
    limit: pageSize,
    keep: ({ listSk }: { listSk?: string }) => listSk !== cursor,
  };
  const { listed, stoppedAt } =
    which === 'failed'
      ? await scanTimeIndex(store, {
          kind: 'DELIVERY',
          shardsOf: (at) => deliveryPks(project, id, at),
          ...range,
        }).then(({ found, ...rest }) => ({
          listed: found.map(({ at, item }) => ({ at, notification: item.notification })),
          ...rest,
        }))
      : await scanTimeIndex(store, {
          kind: 'NOTIFICATION',
          shardsOf: (at) => notificationPks(project, at),
          ...range,
        }).then(({ found, ...rest }) => ({
          listed: found.map(({ at, item }) => ({ at, notification: item.id })),
          ...rest,
        }));
  const [deliveries, notifications] = await Promise.all([
    store.getMany(listed.map(({ notification }) => deliveryKey(project, notification, id))),
    store.getMany(listed.map(({ notification }) => notificationKey(project, notification))),
  ]);
  const page = listed.map(({ at }, index) =>
    toCandidate(recovery, endpoint, at, deliveries[index], notifications[index]),
  );
  return { page, ...(stoppedAt === undefined ? {} : { stoppedAt }) };
};
