import { deliveryKey } from '../../domain/table/keys.ts';
import type { Attempt } from '../../domain/webhooks/attempt.ts';
import { shouldDisable } from '../../domain/webhooks/endpoint-health.ts';
import { release, withoutSlot } from '../../domain/webhooks/endpoint-limiter.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { holdsLease } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { update } from '../steps.ts';
import { cancelDelivery } from './cancel-delivery.ts';
import type { AttemptLease } from './claim-attempt.ts';
import { disableEndpoint } from './disable-endpoint.ts';
import { updateLimiter } from './gate-keeper.ts';
import type { Sent } from './post.ts';
import { attemptWrites, recordAttempt } from './record-attempt.ts';
import type { SendResult } from './send-attempt.ts';

/**
 * Gives the slot back and counts how it went; what is to be written together with that is. False when something came in
 * between that keeps it from being written.
 */
const releaseSlot = async (
  platform: WebhookPlatform,
  { delivery, endpoint, token }: AttemptLease,
  { ok, status }: Attempt,
  steps: readonly Step[] = [],
): Promise<boolean> => {
  const { project, notification } = delivery;
  const outcome = { ok, unreachable: status === undefined, notification };
  const released = await updateLimiter(
    platform,
    project,
    endpoint.id,
    ({ limiter, endpoint: at, now }) => {
      const after = at ? release(limiter, at, token, outcome, now) : withoutSlot(limiter, token);
      return { limiter: after, steps, value: shouldDisable(after.health, now) };
    },
  );
  if (released.outcome === 'done' && released.value)
    await disableEndpoint(platform, endpoint, 'failing', released.limiter);
  return released.outcome === 'done';
};

/** There is nothing to post any more: the notification, or the endpoint with its secrets, is gone. */
const cancelUndeliverable = async (
  platform: WebhookPlatform,
  { delivery, token }: AttemptLease,
): Promise<void> => {
  const { project, notification, endpoint } = delivery;
  await cancelDelivery(platform, deliveryKey(project, notification, endpoint));
  await updateLimiter(platform, project, endpoint, ({ limiter }) => ({
    limiter: withoutSlot(limiter, token),
    value: undefined,
  }));
};

/** Its endpoint is held since it was let pass: it is due as it was before, and what shuts the gate puts it in line. */
const requeue = async (
  platform: WebhookPlatform,
  { delivery, token }: AttemptLease,
): Promise<void> => {
  const { project, id, notification, endpoint, previousState = 'pending', attempts } = delivery;
  const key = deliveryKey(project, notification, endpoint);
  await updateLimiter(platform, project, endpoint, ({ limiter, now }) => ({
    limiter: withoutSlot(limiter, token),
    steps: [
      update(key, { state: previousState, attempts: attempts - 1, dueAt: now }, holdsLease(token), [
        'token',
        'leaseUntil',
        'previousState',
        'leaseTrigger',
      ]),
    ],
    value: undefined,
  }));
  await enqueueHints(platform, [hints.delivery(project, id)]);
};

/** Alone, and whatever became of the gate. */
const recordSeparately = async (
  platform: WebhookPlatform,
  claim: AttemptLease,
  posted: Sent,
): Promise<void> => {
  await Promise.all([
    recordAttempt(platform, claim, posted),
    releaseSlot(platform, claim, posted.attempt),
  ]);
};

/** In the transaction that gives the slot back; those that end together share it. */
const recordWithRelease = async (
  platform: WebhookPlatform,
  claim: AttemptLease,
  posted: Sent,
): Promise<void> => {
  const { steps, afterCommit } = attemptWrites(platform, claim, posted);
  try {
    if (await releaseSlot(platform, claim, posted.attempt, steps)) return await afterCommit();
  } catch (error) {
    // Whether it was written is not known. What is known must not be lost with it.
    await recordAttempt(platform, claim, posted);
    throw error;
  }
  await recordSeparately(platform, claim, posted);
};

/**
 * Records an attempt that is over. A crash before its POST cost nothing but time; after it, and before this, at most one
 * more POST, under the same `webhook-id`.
 */
export const completeAttempt = async (
  platform: WebhookPlatform,
  claimed: AttemptLease,
  posted: SendResult,
): Promise<void> => {
  if (posted === 'lease_expired') return;
  if (posted === 'nothing_to_send') return cancelUndeliverable(platform, claimed);
  if (posted === 'endpoint_inactive') return requeue(platform, claimed);
  const claim = { ...claimed, endpoint: posted.endpoint };
  if (posted.attempt.status !== 410) return recordWithRelease(platform, claim, posted);
  await recordAttempt(platform, claim, posted);
  await disableEndpoint(platform, claim.endpoint, 'gone');
  await releaseSlot(platform, claim, posted.attempt);
};
