import { type Delivery, newDelivery } from '../../domain/delivery.ts';
import { deliveryKey, deliveryListing, endpointKey, notificationKey } from '../../domain/keys.ts';
import { testNotification } from '../../domain/notification.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { enqueueHints } from '../hint.ts';
import { retention } from '../retention.ts';
import { put } from '../steps.ts';
import { type EndpointError, validateUrl } from './endpoint-settings.ts';

/** Pings an endpoint, also one that is paused or disabled: one attempt, without repetition. */
export const sendTest = async (
  platform: WebhookPlatform,
  project: string,
  id: string,
): Promise<{ outcome: 'sent'; delivery: Delivery } | { outcome: 'not_found' } | EndpointError> => {
  const endpoint = await platform.store.get(endpointKey(project, id));
  if (!endpoint) return { outcome: 'not_found' };
  const refusal = await validateUrl(platform, endpoint.url);
  if (refusal) return refusal;
  const now = platform.clock.now();
  const ping = testNotification(`ntf_${platform.ids.next().replaceAll('-', '')}`, endpoint, now);
  const delivery = newDelivery(ping, endpoint, now, 'test');
  const kept = retention(platform.policy.retainDeliveriesDays, now);
  await commit(platform, [
    put(notificationKey(project, ping.id), { ...ping, ...kept }),
    put(deliveryKey(project, ping.id, id), {
      ...delivery,
      ...deliveryListing(delivery),
      ...kept,
      nextAt: now,
      dueAt: now,
    }),
  ]);
  await enqueueHints(platform, [{ v: 1, kind: 'delivery', project, delivery: delivery.id }]);
  return { outcome: 'sent', delivery };
};
