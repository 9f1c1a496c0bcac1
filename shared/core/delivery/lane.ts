import { type Delivery, newDelivery } from '../../domain/delivery.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import type { Item } from '../../domain/items.ts';
import { deliveryKey, deliveryListing, laneKey } from '../../domain/keys.ts';
import { laneOf, type Notification } from '../../domain/notification.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, refusedBy } from '../commit.ts';
import { deliveryIsNew, deliveryWaits, erasuresAre, isLastOpen, laneIsAt } from '../conditions.ts';
import { retention } from '../retention.ts';
import { put, update } from '../steps.ts';

/** `due`: nothing is before it. `waiting`: something is. `known`: it was there already. `late`: the fence did not hold. */
type Joined = 'due' | 'waiting' | 'known' | 'late';

/** What puts a delivery at the end of a lane, behind the one before it or alone. */
const stepsOf = (
  platform: Backstage,
  endpoint: Endpoint,
  notification: Notification,
  lane: Item<'LANE'> | undefined,
  dueAt: number,
  fence: Step,
): { behind: Step[]; alone: Step[] } => {
  const { project, id } = endpoint;
  const now = platform.clock.now();
  const number = (lane?.number ?? 0) + 1;
  const scope = laneOf(notification);
  const delivery = { ...newDelivery(notification, endpoint, now), lane: { scope, number } };
  const kept = retention(platform.policy.retainDeliveriesDays, now);
  const key = deliveryKey(project, notification.id, id);
  const item = { ...delivery, ...deliveryListing(delivery), ...kept };
  const last = { last: notification.id, number, ...kept };
  const joining = put(laneKey(project, id, scope), last, laneIsAt(lane?.number ?? 0));
  const before = deliveryKey(project, lane?.last ?? '', id);
  return {
    behind: [
      fence,
      put(key, { ...item, waits: true }, deliveryIsNew),
      joining,
      update(before, { next: notification.id }, isLastOpen),
    ],
    alone: [fence, put(key, { ...item, dueAt, nextAt: dueAt }, deliveryIsNew), joining],
  };
};

/** Undefined when something else joined meanwhile. */
const join = async (
  platform: Backstage,
  steps: readonly Step[],
  as: Joined,
): Promise<Joined | 'behind nothing' | undefined> => {
  const refused = refusedBy(await commit(platform, steps));
  if (refused.length === 0) return as;
  if (refused.includes(erasuresAre(0).name)) return 'late';
  if (refused.includes(deliveryIsNew.name)) return 'known';
  return refused.includes(laneIsAt(0).name) ? undefined : 'behind nothing';
};

/**
 * Puts a delivery at the end of its scope's lane to an ordered endpoint. While the one before it is open it waits, without
 * a due time of its own: whatever ends that one wakes it, in the same transaction.
 * @param fence holds while its outbox is there as it was read: whatever comes later in the lane waits for that to go
 */
export const joinLane = async (
  platform: Backstage,
  endpoint: Endpoint,
  notification: Notification,
  dueAt: number,
  fence: Step,
): Promise<Joined> => {
  const { store } = platform;
  const key = laneKey(endpoint.project, endpoint.id, laneOf(notification));
  for (;;) {
    const lane = await store.get(key);
    if (lane?.last === notification.id) return 'known';
    const { behind, alone } = stepsOf(platform, endpoint, notification, lane, dueAt, fence);
    const joined = lane ? await join(platform, behind, 'waiting') : 'behind nothing';
    const done = joined === 'behind nothing' ? await join(platform, alone, 'due') : joined;
    if (done !== undefined && done !== 'behind nothing') return done;
  }
};

/** Wakes the one behind a delivery that is over; nothing to do when it has gone meanwhile. */
export const wakeNext = ({ project, endpoint, next }: Delivery, now: number): Step[] =>
  next === undefined
    ? []
    : [
        update(deliveryKey(project, next, endpoint), { dueAt: now, nextAt: now }, deliveryWaits, [
          'waits',
        ]),
      ];
