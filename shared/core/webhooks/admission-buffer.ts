import type { Item } from '../../domain/table/items.ts';
import { deliveryKey, deliveryKeyOf, endpointKey, limiterKey } from '../../domain/table/keys.ts';
import { freeSlotsForBuffer } from '../../domain/webhooks/endpoint-limiter.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { enqueueHints, hints, maxQueueDelayMs } from '../hints.ts';
import type { AdmissionBuffer } from './anteroom.ts';
import { cancelDelivery } from './cancel-delivery.ts';
import { type AttemptLease, claimAttempt } from './claim-attempt.ts';
import { withinShare } from './fair-share.ts';

/** Deliveries that ask to pass at once. */
const maxPerRound = 64;
/** Until what was asked for by hand is tried again at a gate that was full. */
const manualRetryDelayMs = 1_000;

/** Comes back to a delivery later. */
const requeueLater = async (
  platform: WebhookPlatform,
  { project, id }: Item<'DELIVERY'>,
  wait: number,
): Promise<void> => {
  if (wait > maxQueueDelayMs) return;
  await enqueueHints(platform, [hints.delivery(project, id)], wait);
};

/** A delivery whose time has come. */
const claimNow = async (
  platform: WebhookPlatform,
  delivery: Item<'DELIVERY'>,
): Promise<AttemptLease[]> => {
  const { project, notification, endpoint } = delivery;
  const admission = await claimAttempt(platform, delivery);
  if (admission.outcome === 'claimed') return [admission.claim];
  if (admission.outcome === 'limited') await requeueLater(platform, delivery, manualRetryDelayMs);
  if (admission.outcome === 'endpoint_deleted')
    await cancelDelivery(platform, deliveryKey(project, notification, endpoint));
  return [];
};

/**
 * Claims the attempt that a delivery is due for, unless someone else has it, it is over, or it has to stand in line. Safe
 * to do anywhere, any number of times at once.
 */
export const claimIfDue = async (
  platform: WebhookPlatform,
  delivery: Item<'DELIVERY'>,
): Promise<AttemptLease[]> => {
  if (delivery.dueAt === undefined) return [];
  const wait = delivery.dueAt - platform.clock.now();
  if (wait <= 0) return claimNow(platform, delivery);
  if (delivery.state !== 'leased') await requeueLater(platform, delivery, wait);
  return [];
};

/**
 * Those of the anteroom for whom there is room, or for whom waiting there is of no use.
 * @param slotsAboutToFree slots that are about to be given back
 */
export const takeBuffered = async (
  { store, clock }: WebhookPlatform,
  project: string,
  endpoint: string,
  admissionBuffer: AdmissionBuffer,
  slotsAboutToFree: number,
): Promise<Item<'DELIVERY'>[]> => {
  const [limiter, at] = await Promise.all([
    store.get(limiterKey(project, endpoint)),
    store.get(endpointKey(project, endpoint)),
  ]);
  const freeSlots =
    limiter && at ? freeSlotsForBuffer(limiter, withinShare(store, at), clock.now()) : maxPerRound;
  const called = admissionBuffer.leave(freeSlots + slotsAboutToFree, maxPerRound);
  const keys = called.flatMap((delivery) => deliveryKeyOf(project, delivery) ?? []);
  return (await store.getMany(keys)).filter((delivery) => delivery !== undefined);
};
