import { type Delivery, newDelivery, parentsOf } from '../../domain/delivery.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import { deliveryKey, deliveryListing, laneKey } from '../../domain/keys.ts';
import { laneOf, type Notification } from '../../domain/notification.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, refusedBy } from '../commit.ts';
import { deliveryIsNew, deliveryWaits, isLastOpen, laneIsAt } from '../conditions.ts';
import { retention } from '../retention.ts';
import { put, update } from '../steps.ts';

const keyOf = (project: string, delivery: string) => {
  const parents = parentsOf(delivery);
  return deliveryKey(project, parents?.notification ?? '', parents?.endpoint ?? '');
};

/**
 * Puts a delivery at the end of its scope's lane to an ordered endpoint. While the one before it is open it waits, without
 * a due time of its own: whatever ends that one wakes it, in the same transaction. Not due when it was there already.
 */
export const joinLane = async (
  platform: Backstage,
  endpoint: Endpoint,
  notification: Notification,
  dueAt: number,
): Promise<{ id: string; isDue: boolean }> => {
  const { project } = endpoint;
  const scope = laneOf(notification);
  const key = laneKey(project, endpoint.id, scope);
  for (;;) {
    const now = platform.clock.now();
    const lane = await platform.store.get(key);
    const number = (lane?.number ?? 0) + 1;
    const delivery = { ...newDelivery(notification, endpoint, now), lane: { scope, number } };
    const kept = retention(platform.policy.retainDeliveriesDays, now);
    const steps = (waits: boolean): Step[] => [
      put(
        deliveryKey(project, notification.id, endpoint.id),
        {
          ...delivery,
          ...deliveryListing(delivery),
          ...kept,
          ...(waits ? { waits } : { dueAt, nextAt: dueAt }),
        },
        deliveryIsNew,
      ),
      put(key, { last: delivery.id, number, ...kept }, laneIsAt(lane?.number ?? 0)),
    ];
    const behind = lane && [
      ...steps(true),
      update(keyOf(project, lane.last), { next: delivery.id }, isLastOpen),
    ];
    const refused = refusedBy(await commit(platform, behind ?? steps(false)));
    const { id } = delivery;
    if (refused.length === 0) return { id, isDue: !behind };
    if (refused.includes(deliveryIsNew.name)) return { id, isDue: false };
    if (refused.includes(laneIsAt(0).name)) continue;
    const alone = refusedBy(await commit(platform, steps(false)));
    if (alone.length === 0) return { id, isDue: true };
    if (alone.includes(deliveryIsNew.name)) return { id, isDue: false };
  }
};

/** Wakes the one behind a delivery that is over; nothing to do when it has gone meanwhile. */
export const wakeNext = ({ project, next }: Delivery, now: number): Step[] =>
  next === undefined
    ? []
    : [update(keyOf(project, next), { dueAt: now, nextAt: now }, deliveryWaits, ['waits'])];
