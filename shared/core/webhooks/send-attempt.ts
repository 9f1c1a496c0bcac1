import { endpointKey, notificationKey } from '../../domain/table/keys.ts';
import { type Delivery, isByHand } from '../../domain/webhooks/delivery.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { Notification } from '../../domain/webhooks/notification.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { AttemptLease } from './claim-attempt.ts';
import { post, type Sent } from './post.ts';
import { type SignedRequest, signRequest } from './signing.ts';

/**
 * `untold`: there was nothing to post. `held`: its endpoint is paused or disabled by now. `late`: whoever was held up for
 * so long has lost the attempt to another.
 */
export type SendResult = Sent | 'nothing_to_send' | 'endpoint_inactive' | 'lease_expired';

/** What a letter is made of. */
interface DeliverySource {
  endpoint: Endpoint;
  told: Notification;
}

const loadSource = async (
  { store }: WebhookPlatform,
  { project, notification, endpoint: id }: Delivery,
): Promise<DeliverySource | undefined> => {
  const [endpoint, told] = await Promise.all([
    store.get(endpointKey(project, id)),
    store.get(notificationKey(project, notification)),
  ]);
  return endpoint && told && { endpoint, told };
};

const isUnchanged = (one: DeliverySource, other: DeliverySource): boolean =>
  one.endpoint.version === other.endpoint.version && one.told.body === other.told.body;

type PreparedRequest =
  | { request: SignedRequest; endpoint: Endpoint }
  | 'nothing_to_send'
  | 'endpoint_inactive';

/**
 * Looks once more, last of all, when the letter is written: what was changed or erased before that counts, and once a
 * pause, a disabling or a deletion is answered only that leaves which has had this look already.
 */
const prepareRequest = async (
  platform: WebhookPlatform,
  delivery: Delivery,
  first: DeliverySource,
): Promise<PreparedRequest> => {
  let before = first;
  for (;;) {
    const request = await signRequest(platform, before.endpoint, before.told);
    const now = await loadSource(platform, delivery);
    if (!now) return 'nothing_to_send';
    if (now.endpoint.status !== 'active' && !isByHand(delivery)) return 'endpoint_inactive';
    if (isUnchanged(before, now))
      return request ? { request, endpoint: now.endpoint } : 'nothing_to_send';
    before = now;
  }
};

/** Makes one claimed attempt. */
export const sendAttempt = async (
  platform: WebhookPlatform,
  claim: AttemptLease,
): Promise<SendResult> => {
  const { delivery, endpoint, trigger } = claim;
  const { project, id, notification, attempts, leaseUntil = 0 } = delivery;
  const told = await platform.store.get(notificationKey(project, notification));
  const ready = told
    ? await prepareRequest(platform, delivery, { endpoint, told })
    : 'nothing_to_send';
  if (typeof ready === 'string') return ready;
  if (platform.clock.now() >= leaseUntil) return 'lease_expired';
  const which = { delivery: id, number: attempts, trigger };
  return post(platform, ready.endpoint, ready.request, which);
};
