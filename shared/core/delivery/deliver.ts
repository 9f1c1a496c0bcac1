import { parentsOf } from '../../domain/delivery.ts';
import { deliveryKey } from '../../domain/keys.ts';
import type { Dispatch } from '../../ports/platform.ts';
import { hint } from '../hint.ts';
import type { Budget } from '../refine/refine.ts';
import { admit, type Claim } from './admission.ts';
import { attempt } from './attempt.ts';
import { cancelDelivery } from './cancel-delivery.ts';
import { takeFromLine } from './line.ts';

/** What an attempt takes besides the receiver's time. */
const slackMs = 5_000;
/** Attempts of one endpoint that one worker sees to at once; more than any endpoint is allowed. */
const most = 64;

const hasTime = ({ clock, policy }: Dispatch, { deadlineAt, signal }: Budget): boolean =>
  !signal.aborted && clock.now() + policy.webhookTimeoutMs + slackMs <= deadlineAt;

/** Makes an attempt, and then those that waited for its slot, one after the other. */
const workOff = async (platform: Dispatch, first: Claim, budget: Budget): Promise<void> => {
  const { project, endpoint } = first.delivery;
  let claim: Claim | undefined = first;
  while (claim) {
    await attempt(platform, claim);
    if (!hasTime(platform, budget)) {
      await hint(platform, [{ v: 1, kind: 'gate', project, endpoint }]);
      return;
    }
    const { claims } = await takeFromLine(platform, project, endpoint, 1);
    [claim] = claims;
  }
};

/** Lets pass what stands in line behind an endpoint's gate, in order, as far as the gate allows. */
export const drainLine = async (
  platform: Dispatch,
  project: string,
  endpoint: string,
  budget: Budget,
): Promise<void> => {
  if (!hasTime(platform, budget)) return;
  const { claims } = await takeFromLine(platform, project, endpoint, most);
  await Promise.all(claims.map((claim) => workOff(platform, claim, budget)));
};

/**
 * Makes the attempt that a delivery is due for, unless someone else has it, it is over, or it has to stand in line. Safe
 * to run anywhere, any number of times at once.
 */
export const deliver = async (
  platform: Dispatch,
  project: string,
  id: string,
  budget: Budget,
): Promise<void> => {
  const parents = parentsOf(id);
  if (!parents) return;
  const { notification, endpoint } = parents;
  const delivery = await platform.store.get(deliveryKey(project, notification, endpoint));
  if (delivery?.dueAt === undefined) return;
  const wait = delivery.dueAt - platform.clock.now();
  if (wait > 0 && delivery.state === 'leased') return;
  if (wait > 0 || !hasTime(platform, budget)) {
    await hint(platform, [{ v: 1, kind: 'delivery', project, delivery: id }], Math.max(0, wait));
    return;
  }
  const admission = await admit(platform, delivery);
  switch (admission.outcome) {
    case 'passed':
      return workOff(platform, admission.claim, budget);
    case 'held':
      return drainLine(platform, project, endpoint, budget);
    case 'gone':
      return cancelDelivery(platform, delivery);
    case 'late':
      return;
  }
};
