import {
  deliveryKey,
  deliveryKeyOf,
  endpointKey,
  notificationKey,
} from '../../domain/table/keys.ts';
import { deliveryListing } from '../../domain/table/time-listings.ts';
import { type Delivery, newDelivery } from '../../domain/webhooks/delivery.ts';
import { testNotification } from '../../domain/webhooks/notification.ts';
import type { CorePlatform, WebhookPlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { enqueueHints, hints } from '../hints.ts';
import { put, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { deliveryIsAt } from './conditions.ts';
import { type EndpointError, validateUrl } from './endpoint-request.ts';

/**
 * Sends a test notification to an endpoint, also to a paused or disabled one: one attempt, without retries. Not idempotent:
 * a repeated call sends another test.
 */
export const sendTest = async (
  platform: WebhookPlatform,
  project: string,
  id: string,
): Promise<{ outcome: 'sent'; delivery: Delivery } | { outcome: 'not_found' } | EndpointError> => {
  const endpoint = await platform.store.get(endpointKey(project, id));
  if (!endpoint) return { outcome: 'not_found' };
  const error = await validateUrl(platform, endpoint.url);
  if (error) return error;
  const now = platform.clock.now();
  const test = testNotification(`ntf_${platform.ids.next().replaceAll('-', '')}`, endpoint, now);
  const delivery = newDelivery(test, endpoint, now, 'test');
  const kept = retention(platform.policy.retainDeliveriesDays, now);
  await commit(platform, [
    put(notificationKey(project, test.id), { ...test, ...kept }),
    put(deliveryKey(project, test.id, id), {
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

export type ResendResult =
  | { outcome: 'sent'; delivery: Delivery }
  | { outcome: 'not_found' }
  | { outcome: 'endpoint_gone' }
  /** An earlier delivery of its ordered scope is still open. */
  | { outcome: 'blocked_by_order' };

/** Returns why no extra attempt is possible; undefined when one is. */
const resendBlocker = async (
  { store }: CorePlatform,
  { project, endpoint, notification, blocked }: Delivery,
): Promise<Exclude<ResendResult, { outcome: 'sent' }> | undefined> => {
  if (!(await store.get(endpointKey(project, endpoint)))) return { outcome: 'endpoint_gone' };
  if (!(await store.get(notificationKey(project, notification)))) return { outcome: 'not_found' };
  return blocked ? { outcome: 'blocked_by_order' } : undefined;
};

/**
 * Requests an extra attempt now, in any state of the delivery. A success ends the delivery; a failure leaves its state and
 * schedule as they were. While an attempt is in flight the extra one follows it. Repeated requests before the attempt
 * starts are one.
 */
export const resendDelivery = async (
  platform: CorePlatform,
  project: string,
  id: string,
): Promise<ResendResult> => {
  const { store, clock } = platform;
  const key = deliveryKeyOf(project, id);
  for (;;) {
    const delivery = key && (await store.get(key));
    if (!key || !delivery) return { outcome: 'not_found' };
    const blocker = await resendBlocker(platform, delivery);
    if (blocker) return blocker;
    const due = delivery.state === 'leased' ? {} : { dueAt: clock.now() };
    const request = update(key, { manualRequested: true, ...due }, deliveryIsAt(delivery));
    if (!(await commit(platform, [request])).committed) continue;
    await enqueueHints(platform, [hints.delivery(project, id)]);
    return { outcome: 'sent', delivery: { ...delivery, manualRequested: true } };
  }
};
