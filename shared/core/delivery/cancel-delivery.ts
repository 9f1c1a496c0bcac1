import { type Delivery, isOver } from '../../domain/delivery.ts';
import { cancelled } from '../../domain/delivery-outcome.ts';
import { deliveryKey } from '../../domain/keys.ts';
import type { Backstage } from '../../ports/platform.ts';
import { deliveryIsAt } from '../conditions.ts';
import { conclude } from './record.ts';

/** Ends a delivery that can never be made; one that ended otherwise meanwhile stays as it is. */
export const cancelDelivery = async (
  platform: Backstage,
  { project, notification, endpoint }: Delivery,
): Promise<void> => {
  const key = deliveryKey(project, notification, endpoint);
  for (;;) {
    const item = await platform.store.get(key);
    if (!item || isOver(item)) return;
    const outcome = cancelled(item, platform.clock.now());
    if (await conclude(platform, item, outcome, deliveryIsAt(item))) return;
  }
};
