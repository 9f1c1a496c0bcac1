import type { Item } from '../../domain/items.ts';
import { deliveryKey, deliveryKeyOf } from '../../domain/keys.ts';
import type { Dispatch } from '../../ports/platform.ts';
import { hint } from '../hint.ts';
import type { Budget } from '../refine/refine.ts';
import { admit, type Claim } from './admission.ts';
import { attempt } from './attempt.ts';
import { cancelDelivery } from './cancel-delivery.ts';
import { drainLine, hasTime } from './drain-line.ts';

/** A hint cannot wait longer; what is farther away is found by its due time. */
const longestHintMs = 900_000;
/** Until what was asked for by hand is tried again at a gate that was full. */
const byHandPauseMs = 1_000;

/** Comes back to a delivery later. */
const putOff = async (
  platform: Dispatch,
  { project, id }: Item<'DELIVERY'>,
  wait: number,
): Promise<void> => {
  if (wait > longestHintMs) return;
  await hint(platform, [{ v: 1, kind: 'delivery', project, delivery: id }], Math.max(0, wait));
};

const makeAttempt = async (platform: Dispatch, claim: Claim, budget: Budget): Promise<void> => {
  await attempt(platform, claim);
  const { project, endpoint } = claim.delivery;
  await drainLine(platform, project, endpoint, budget);
};

/** A delivery whose time has come. */
const deliverNow = async (
  platform: Dispatch,
  delivery: Item<'DELIVERY'>,
  budget: Budget,
): Promise<void> => {
  const { project, notification, endpoint } = delivery;
  const admission = await admit(platform, delivery);
  switch (admission.outcome) {
    case 'passed':
      return makeAttempt(platform, admission.claim, budget);
    case 'behind':
      return drainLine(platform, project, endpoint, budget);
    case 'busy':
      return putOff(platform, delivery, byHandPauseMs);
    case 'gone':
      return cancelDelivery(platform, deliveryKey(project, notification, endpoint));
    case 'shut':
    case 'late':
      return;
  }
};

/**
 * Makes the attempt that a delivery is due for, unless someone else has it, it is over, or it has to stand in line. Safe
 * to run anywhere, any number of times at once.
 */
export const deliver = async (
  platform: Dispatch,
  project: string,
  id: string,
  budget: Budget,
): Promise<void> => {
  const key = deliveryKeyOf(project, id);
  const delivery = key && (await platform.store.get(key));
  if (delivery?.dueAt === undefined) return;
  const wait = delivery.dueAt - platform.clock.now();
  if (wait > 0 && delivery.state === 'leased') return;
  if (wait > 0 || !hasTime(platform, budget)) return putOff(platform, delivery, wait);
  return deliverNow(platform, delivery, budget);
};
