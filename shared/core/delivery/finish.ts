import type { Attempt } from '../../domain/attempt.ts';
import { isHopeless } from '../../domain/endpoint-health.ts';
import { leave, withoutSlot } from '../../domain/gate.ts';
import { deliveryKey } from '../../domain/keys.ts';
import type { Dispatch } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { holdsLease } from '../conditions.ts';
import { hint } from '../hint.ts';
import { update } from '../steps.ts';
import type { Claim } from './admission.ts';
import type { Made } from './attempt.ts';
import { cancelDelivery } from './cancel-delivery.ts';
import { disable } from './disable.ts';
import { changeGate } from './gate-keeper.ts';
import type { Posted } from './post.ts';
import { record, recording } from './record.ts';

/**
 * Gives the slot back and counts how it went; what is to be written together with that is. False when something came in
 * between that keeps it from being written.
 */
const giveBack = async (
  platform: Dispatch,
  { delivery, endpoint, token }: Claim,
  { ok, status }: Attempt,
  steps: readonly Step[] = [],
): Promise<boolean> => {
  const { project, notification } = delivery;
  const outcome = { ok, unreachable: status === undefined, notification };
  const left = await changeGate(platform, project, endpoint.id, ({ gate, endpoint: at, now }) => {
    const after = at ? leave(gate, at, token, outcome, now) : withoutSlot(gate, token);
    return { gate: after, steps, answer: isHopeless(after.health, now) };
  });
  if (left.outcome === 'done' && left.answer)
    await disable(platform, endpoint, 'failing', left.gate);
  return left.outcome === 'done';
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

/** Its endpoint is held since it was let pass: it is due as it was before, and what shuts the gate puts it in line. */
const stepBack = async (platform: Dispatch, { delivery, token }: Claim): Promise<void> => {
  const { project, id, notification, endpoint, before = 'pending', attempts } = delivery;
  const key = deliveryKey(project, notification, endpoint);
  await changeGate(platform, project, endpoint, ({ gate, now }) => ({
    gate: withoutSlot(gate, token),
    steps: [
      update(key, { state: before, attempts: attempts - 1, dueAt: now }, holdsLease(token), [
        'token',
        'leaseUntil',
        'before',
        'trying',
      ]),
    ],
    answer: undefined,
  }));
  await hint(platform, [{ v: 1, kind: 'delivery', project, delivery: id }]);
};

/** Alone, and whatever became of the gate. */
const recordAlone = async (platform: Dispatch, claim: Claim, posted: Posted): Promise<void> => {
  await Promise.all([record(platform, claim, posted), giveBack(platform, claim, posted.attempt)]);
};

/** In the transaction that gives the slot back; those that end together share it. */
const recordTogether = async (platform: Dispatch, claim: Claim, posted: Posted): Promise<void> => {
  const { steps, told } = recording(platform, claim, posted);
  try {
    if (await giveBack(platform, claim, posted.attempt, steps)) return await told();
  } catch (error) {
    // Whether it was written is not known. What is known must not be lost with it.
    await record(platform, claim, posted);
    throw error;
  }
  await recordAlone(platform, claim, posted);
};

/**
 * Records an attempt that is over. A crash before its POST cost nothing but time; after it, and before this, at most one
 * more POST, under the same `webhook-id`.
 */
export const finish = async (platform: Dispatch, claimed: Claim, posted: Made): Promise<void> => {
  if (posted === 'late') return;
  if (posted === 'untold') return giveUp(platform, claimed);
  if (posted === 'held') return stepBack(platform, claimed);
  const claim = { ...claimed, endpoint: posted.endpoint };
  if (posted.attempt.status !== 410) return recordTogether(platform, claim, posted);
  await record(platform, claim, posted);
  await disable(platform, claim.endpoint, 'gone');
  await giveBack(platform, claim, posted.attempt);
};
