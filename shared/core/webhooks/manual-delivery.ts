import {
  deliveryKey,
  deliveryListing,
  endpointKey,
  notificationKey,
} from '../../domain/table/keys.ts';
import { type Delivery, newDelivery } from '../../domain/webhooks/delivery.ts';
import { testNotification } from '../../domain/webhooks/notification.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { enqueueHints, hints } from '../hints.ts';
import { put } from '../steps.ts';
import { retention } from '../ttl.ts';
import { type EndpointError, validateUrl } from './endpoint-request.ts';

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
  await enqueueHints(platform, [hints.delivery(project, delivery.id)]);
  return { outcome: 'sent', delivery };
};
