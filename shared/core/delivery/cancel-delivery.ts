import { isOver } from '../../domain/delivery.ts';
import { cancelled } from '../../domain/delivery-outcome.ts';
import type { Key } from '../../domain/items.ts';
import type { Backstage } from '../../ports/platform.ts';
import { deliveryIsAt } from '../conditions.ts';
import { conclude } from './record.ts';

/** Ends a delivery that can never be made; one that is over and has nothing left to do stays as it is. */
export const cancelDelivery = async (platform: Backstage, key: Key<'DELIVERY'>): Promise<void> => {
  for (;;) {
    const item = await platform.store.get(key);
    if (!item || (isOver(item) && item.dueAt === undefined)) return;
    const outcome = cancelled(item, platform.clock.now());
    if (await conclude(platform, item, outcome, deliveryIsAt(item))) return;
  }
};
