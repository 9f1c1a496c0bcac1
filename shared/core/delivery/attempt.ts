import type { Attempt } from '../../domain/attempt.ts';
import { isHopeless } from '../../domain/endpoint-health.ts';
import { leave, withoutSlot } from '../../domain/gate.ts';
import { deliveryKey, notificationKey } from '../../domain/keys.ts';
import type { Dispatch } from '../../ports/platform.ts';
import type { Claim } from './admission.ts';
import { cancelDelivery } from './cancel-delivery.ts';
import { disable } from './disable.ts';
import { changeGate } from './gate-keeper.ts';
import { post } from './post.ts';
import { record } from './record.ts';
import { write } from './signing.ts';

/** Gives the slot back and counts how it went, outside the transaction that recorded it. */
const giveBack = async (
  platform: Dispatch,
  { delivery, endpoint, token }: Claim,
  { ok, status }: Attempt,
): Promise<void> => {
  const { project, notification } = delivery;
  const outcome = { ok, unreachable: status === undefined, notification };
  const left = await changeGate(platform, project, endpoint.id, ({ gate, endpoint: at, now }) => {
    const after = at ? leave(gate, at, token, outcome, now) : withoutSlot(gate, token);
    return { gate: after, answer: isHopeless(after.health, now) };
  });
  if (left.outcome === 'done' && left.answer)
    await disable(platform, endpoint, 'failing', left.gate);
};

/** There is nothing to post any more: the notification, or the endpoint with its secrets, is gone. */
const giveUp = async (platform: Dispatch, { delivery, token }: Claim): Promise<void> => {
  const { project, notification, endpoint } = delivery;
  await cancelDelivery(platform, deliveryKey(project, notification, endpoint));
  await changeGate(platform, project, endpoint, ({ gate }) => ({
    gate: withoutSlot(gate, token),
    answer: undefined,
  }));
};

/**
 * Makes one claimed attempt and records it. A crash before the POST costs nothing but time; after it, and before the
 * recording, at most one more POST, under the same `webhook-id`.
 */
export const attempt = async (platform: Dispatch, claim: Claim): Promise<void> => {
  const { delivery, endpoint, trigger } = claim;
  const { project, id, notification, attempts } = delivery;
  const told = await platform.store.get(notificationKey(project, notification));
  const letter = told && (await write(platform, endpoint, told));
  if (!letter) return giveUp(platform, claim);
  // Whoever was held up for so long has lost the attempt to another.
  if (platform.clock.now() >= (delivery.leaseUntil ?? 0)) return;
  const which = { delivery: id, number: attempts, trigger };
  const posted = await post(platform, endpoint.url, letter, which);
  if (posted.attempt.status === 410) {
    await record(platform, claim, posted);
    await disable(platform, endpoint, 'gone');
    await giveBack(platform, claim, posted.attempt);
    return;
  }
  // The POST is over: its slot is free, whatever becomes of the record. Together they share a commit.
  await Promise.all([record(platform, claim, posted), giveBack(platform, claim, posted.attempt)]);
};
