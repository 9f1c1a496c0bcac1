import { deliveryKeyOf, endpointKey, notificationKey } from '../../domain/table/keys.ts';
import type { Delivery } from '../../domain/webhooks/delivery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { deliveryIsAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { update } from '../steps.ts';

export type Resent =
  | { outcome: 'sent'; delivery: Delivery }
  | { outcome: 'not_found' }
  | { outcome: 'endpoint_gone' }
  /** An earlier one of its lane is not over. */
  | { outcome: 'blocked_by_order' };

/** Why there can be no extra attempt, if there can be none. */
const resendBlocker = async (
  { store }: CorePlatform,
  { project, endpoint, notification, waits }: Delivery,
): Promise<Exclude<Resent, { outcome: 'sent' }> | undefined> => {
  if (!(await store.get(endpointKey(project, endpoint)))) return { outcome: 'endpoint_gone' };
  if (!(await store.get(notificationKey(project, notification)))) return { outcome: 'not_found' };
  return waits ? { outcome: 'blocked_by_order' } : undefined;
};

/**
 * Asks for an extra attempt, at once and whatever became of the delivery. If it succeeds the delivery is complete; if it
 * fails everything goes on as if it had not been made. One that is being tried just now is tried once more afterwards.
 */
export const resendDelivery = async (
  platform: CorePlatform,
  project: string,
  id: string,
): Promise<Resent> => {
  const { store, clock } = platform;
  const key = deliveryKeyOf(project, id);
  for (;;) {
    const delivery = key && (await store.get(key));
    if (!key || !delivery) return { outcome: 'not_found' };
    const obstacle = await resendBlocker(platform, delivery);
    if (obstacle) return obstacle;
    const due = delivery.state === 'leased' ? {} : { dueAt: clock.now() };
    const asked = update(key, { manualRequested: true, ...due }, deliveryIsAt(delivery));
    if (!(await commit(platform, [asked])).committed) continue;
    await enqueueHints(platform, [hints.delivery(project, id)]);
    return { outcome: 'sent', delivery: { ...delivery, manualRequested: true } };
  }
};
