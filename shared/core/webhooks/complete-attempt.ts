import { deliveryKey } from '../../domain/table/keys.ts';
import type { Attempt } from '../../domain/webhooks/attempt.ts';
import { shouldDisable } from '../../domain/webhooks/endpoint-health.ts';
import { release, withoutSlot } from '../../domain/webhooks/endpoint-limiter.ts';
import { allowsBlocks, withSuccesses } from '../../domain/webhooks/slot-block.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commitTogether } from '../commit-together.ts';
import { holdsLease } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { update } from '../steps.ts';
import { jsonBytes } from '../store-limits.ts';
import type { AttemptLease } from './claim-attempt.ts';
import { disableEndpoint } from './disable-endpoint.ts';
import type { WithLimiterStore } from './limiter-store.ts';
import { attemptWrites, cancelDelivery, recordAttempt } from './record-attempt.ts';
import type { SendResult, Sent } from './send-attempt.ts';

type Deps = WithLimiterStore<WebhookPlatform>;

/**
 * Releases the slot, updates breaker and health, and commits `steps` in the same transaction. False when one of their
 * conditions failed.
 */
const releaseSlot = async (
  platform: Deps,
  { delivery, endpoint, token, block }: AttemptLease,
  { ok, status }: Attempt,
  steps: readonly Step[] = [],
): Promise<boolean> => {
  const { project, notification } = delivery;
  const outcome = { ok, unreachable: status === undefined, notification };
  const successes = block?.takeSuccesses() ?? 0;
  const released = await platform.limiterStore.update(
    project,
    endpoint.id,
    ({ limiter, endpoint: current, now }) => {
      const counted = withSuccesses(limiter, successes, now);
      const after = current
        ? release(counted, current, token, outcome, now)
        : withoutSlot(limiter, token);
      return { limiter: after, steps, value: shouldDisable(after.health, now) };
    },
  );
  if (released.outcome === 'done' && !allowsBlocks(released.limiter, endpoint)) block?.expire();
  if (released.outcome === 'done' && released.value)
    await disableEndpoint(platform, endpoint, 'failing', released.limiter);
  return released.outcome === 'done';
};

/** Ends a delivery whose notification, endpoint or secrets are gone. */
const cancelUndeliverable = async (
  platform: Deps,
  { delivery, token }: AttemptLease,
): Promise<void> => {
  const { project, notification, endpoint } = delivery;
  await cancelDelivery(platform, deliveryKey(project, notification, endpoint));
  await platform.limiterStore.update(project, endpoint, ({ limiter }) => ({
    limiter: withoutSlot(limiter, token),
    value: undefined,
  }));
};

/**
 * Undoes the lease of a delivery whose endpoint was paused after the claim: the delivery is due again, and the next claim
 * moves it to the backlog.
 */
const requeue = async (platform: Deps, { delivery, token, block }: AttemptLease): Promise<void> => {
  block?.expire();
  const { project, id, notification, endpoint, previousState = 'pending', attempts } = delivery;
  const key = deliveryKey(project, notification, endpoint);
  await platform.limiterStore.update(project, endpoint, ({ limiter, now }) => ({
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

const recordSeparately = async (platform: Deps, claim: AttemptLease, sent: Sent): Promise<void> => {
  await Promise.all([
    recordAttempt(platform, claim, sent),
    releaseSlot(platform, claim, sent.attempt),
  ]);
};

/** Records the attempt in the transaction that releases its slot; attempts that end together share that transaction. */
const recordWithRelease = async (
  platform: Deps,
  claim: AttemptLease,
  sent: Sent,
): Promise<void> => {
  const { steps, afterCommit } = attemptWrites(platform, claim, sent);
  try {
    if (await releaseSlot(platform, claim, sent.attempt, steps)) return await afterCommit();
  } catch (error) {
    // Whether the transaction committed is unknown; recording again is safe, losing the result is not.
    await recordAttempt(platform, claim, sent);
    throw error;
  }
  await recordSeparately(platform, claim, sent);
};

/**
 * Records a finished attempt. A crash before its POST costs only time, until the lease expires; a crash between POST and
 * commit costs at most one more POST, under the same `webhook-id`. A 410 response disables the endpoint.
 */
export const completeAttempt = async (
  platform: Deps,
  claimed: AttemptLease,
  result: SendResult,
): Promise<void> => {
  if (result === 'lease_expired') return;
  if (result === 'nothing_to_send') return cancelUndeliverable(platform, claimed);
  if (result === 'endpoint_inactive') return requeue(platform, claimed);
  const claim = { ...claimed, endpoint: result.endpoint };
  if (result.attempt.status !== 410) return recordWithRelease(platform, claim, result);
  await recordAttempt(platform, claim, result);
  await disableEndpoint(platform, claim.endpoint, 'gone');
  await releaseSlot(platform, claim, result.attempt);
};

export const isSuccess = (result: SendResult): result is Sent =>
  typeof result === 'object' && result.attempt.ok;

/** A success of a block's attempt. */
interface BlockSuccess {
  claim: AttemptLease;
  sent: Sent;
}

/**
 * Records successes in as few transactions as they fit, without the limiter: the block counts them for its next write. An attempt
 * that was refused, or whose outcome is unknown, is recorded by itself.
 */
const recordSuccesses = async (
  platform: Deps,
  successes: readonly BlockSuccess[],
): Promise<void> => {
  const all = successes.map((subject) => {
    const { steps, afterCommit } = attemptWrites(platform, subject.claim, subject.sent);
    return { subject: { ...subject, afterCommit }, steps, bytes: jsonBytes(steps) };
  });
  for (const { claim } of successes) claim.block?.succeeded();
  const alone = async ({ claim, sent }: BlockSuccess): Promise<void> =>
    recordAttempt(platform, claim, sent);
  try {
    const { committed, refused } = await commitTogether(platform, all);
    await Promise.all([
      ...committed.map(({ afterCommit }) => afterCommit()),
      ...refused.map(alone),
    ]);
  } catch (error) {
    await Promise.all(successes.map(alone));
    throw error;
  }
};

/**
 * Records finished attempts that had slots of this process's block: successes together, any other result as `completeAttempt`
 * does, with a write of the limiter, so that breaker and health know of each failure.
 */
export const completeInBlock = async (
  platform: Deps,
  completed: readonly { claim: AttemptLease; result: SendResult }[],
): Promise<void> => {
  const successes: BlockSuccess[] = [];
  const others: Promise<void>[] = [];
  for (const { claim, result } of completed)
    if (isSuccess(result)) successes.push({ claim, sent: result });
    else others.push(completeAttempt(platform, claim, result));
  await Promise.all([...others, recordSuccesses(platform, successes)]);
};
