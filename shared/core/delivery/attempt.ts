import type { Attempt } from '../../domain/attempt.ts';
import { isHopeless } from '../../domain/endpoint-health.ts';
import { leave } from '../../domain/gate.ts';
import { notificationKey } from '../../domain/keys.ts';
import type { Dispatch } from '../../ports/platform.ts';
import type { Claim } from './admission.ts';
import { cancelDelivery } from './cancel-delivery.ts';
import { disable } from './disable.ts';
import { changeGate } from './gate-keeper.ts';
import { post } from './post.ts';
import { record } from './record.ts';

/** Gives the slot back and counts how it went, outside the transaction that recorded it. */
const giveBack = async (
  platform: Dispatch,
  { delivery, endpoint, token }: Claim,
  attempt: Attempt | undefined,
): Promise<void> => {
  const { project, notification } = delivery;
  const left = await changeGate(
    platform,
    project,
    endpoint.id,
    ({ gate, endpoint: current, now }) => {
      const isCounted = attempt && current;
      const outcome = {
        ok: attempt?.ok ?? true,
        unreachable: attempt !== undefined && attempt.status === undefined,
        notification,
      };
      const after = isCounted
        ? leave(gate, current, token, outcome, now)
        : { ...gate, slots: gate.slots.filter((slot) => slot.token !== token) };
      return { gate: after, answer: isHopeless(after.health, now) };
    },
  );
  if (left.outcome === 'done' && left.answer) await disable(platform, endpoint, 'failing');
};

/**
 * Makes one claimed attempt and records it. A crash before the POST costs nothing but time; after it, and before the
 * recording, at most one more POST, under the same `webhook-id`.
 */
export const attempt = async (platform: Dispatch, claim: Claim): Promise<void> => {
  const { delivery, endpoint, trigger } = claim;
  const { project, id, notification, attempts } = delivery;
  const told = await platform.store.get(notificationKey(project, notification));
  if (!told) {
    await cancelDelivery(platform, delivery);
    await giveBack(platform, claim, undefined);
    return;
  }
  const posted = await post(platform, endpoint, told, { delivery: id, number: attempts, trigger });
  await record(platform, claim, posted);
  if (posted.attempt.status === 410) await disable(platform, endpoint, 'gone');
  await giveBack(platform, claim, posted.attempt);
};
