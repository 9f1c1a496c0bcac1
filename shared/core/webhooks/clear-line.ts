import { deliveryKey, limiterKey } from '../../domain/table/keys.ts';
import type { EndpointLimiter } from '../../domain/webhooks/endpoint-limiter.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { limiterIsAt } from '../conditions.ts';
import { firstItems } from '../pagination.ts';
import { remove } from '../steps.ts';
import { cancelDelivery } from './cancel-delivery.ts';

const pageSize = 100;

/** What is parked behind a deleted endpoint is cancelled; then its gate goes too. A crash leaves the gate due. */
export const purgeBacklog = async (
  platform: CorePlatform,
  { project, endpoint, version }: EndpointLimiter,
): Promise<void> => {
  const { store } = platform;
  const { pk } = limiterKey(project, endpoint);
  const range = { kind: 'PARK', pk, prefix: 'PARK#', limit: pageSize } as const;
  for (;;) {
    const items = await firstItems((from) => store.query({ ...range, ...from }));
    if (items.length === 0) break;
    for (const { key, item } of items) {
      await cancelDelivery(platform, deliveryKey(project, item.notification, endpoint));
      await commit(platform, [remove(key)]);
    }
  }
  await commit(platform, [remove(limiterKey(project, endpoint), limiterIsAt(version))]);
};
