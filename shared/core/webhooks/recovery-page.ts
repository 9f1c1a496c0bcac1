import type { Item } from '../../domain/table/items.ts';
import {
  deliveryKey,
  deliveryPks,
  notificationKey,
  notificationPks,
  sortableTime,
} from '../../domain/table/keys.ts';
import { type Delivery, isFinal, newDelivery, statusOf } from '../../domain/webhooks/delivery.ts';
import { type Endpoint, matchesSubscription } from '../../domain/webhooks/endpoint.ts';
import { type Notification, orderingKeyOf } from '../../domain/webhooks/notification.ts';
import type { Recovery } from '../../domain/webhooks/recovery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { positionAfter, scanTimeIndex } from './time-index.ts';

/** Something that was told, and what is to be made again of it. */
export interface RecoveryCandidate {
  /** Where it stands in the listing. */
  at: string;
  /** What is there now; undefined when nothing is. */
  before: Item<'DELIVERY'> | undefined;
  /** What to put in line, if anything. */
  delivery: Delivery | undefined;
}

const pageSize = 100;

/** What was never made keeps its time and its place among its like. */
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

/** What is asked for as it stands now; what nobody may be told of any more stays as it is. */
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
  const told = {
    type,
    subject: notification,
    ...(aboutEndpoint === undefined ? {} : { aboutEndpoint }),
  };
  const delivery = matchesSubscription(endpoint, told)
    ? missingDelivery(notification, endpoint)
    : undefined;
  return { at, before, delivery };
};

/**
 * The next of what there is to look at, oldest first, from where the recovery stands; empty at the end, or when there was
 * nothing as far as one reading goes: then it says where the next one begins.
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
          pksOf: (at) => deliveryPks(project, id, at),
          ...range,
        }).then(({ found, ...rest }) => ({
          listed: found.map(({ at, item }) => ({ at, notification: item.notification })),
          ...rest,
        }))
      : await scanTimeIndex(store, {
          kind: 'NOTIFICATION',
          pksOf: (at) => notificationPks(project, at),
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
