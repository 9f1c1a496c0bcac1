import type { Key } from '../../domain/table/items.ts';
import { isFinal } from '../../domain/webhooks/delivery.ts';
import { cancelled } from '../../domain/webhooks/delivery-transitions.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { deliveryIsAt } from '../conditions.ts';
import { writeOutcome } from './record-attempt.ts';

/** Ends a delivery that can never be made; one that is over and has nothing left to do stays as it is. */
export const cancelDelivery = async (
  platform: CorePlatform,
  key: Key<'DELIVERY'>,
): Promise<void> => {
  for (;;) {
    const item = await platform.store.get(key);
    if (!item || (isFinal(item) && item.dueAt === undefined)) return;
    const outcome = cancelled(item, platform.clock.now());
    if (await writeOutcome(platform, item, outcome, deliveryIsAt(item))) return;
  }
};
