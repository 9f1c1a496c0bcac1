import { type Delivery, parkingOf, type Trigger, triggerOf } from '../../domain/delivery.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import { pass, withParked } from '../../domain/gate.ts';
import { deliveryKey, parkingKey } from '../../domain/keys.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { deliveryIsDue, deliveryIsParked } from '../conditions.ts';
import { erase, put, update } from '../steps.ts';
import { changeGate, type GateChanged, type GateView } from './gate-keeper.ts';

/** The right to make one attempt. It runs out by itself. */
export interface Claim {
  /** As it stands under this claim; `attempts` is the number of the attempt. */
  delivery: Delivery;
  endpoint: Endpoint;
  token: string;
  trigger: Trigger;
}

/** `held`: it stands in line now. `late`: someone else has it, or it is over. `gone`: its endpoint is. */
export type Admission = { outcome: 'passed'; claim: Claim } | { outcome: 'held' | 'late' | 'gone' };

/** More than an attempt and its recording take. */
const graceMs = 15_000;

const leased = (delivery: Delivery, token: string, leaseUntil: number): Delivery => {
  const { extra: _, parked: __, ...rest } = delivery;
  return {
    ...rest,
    state: 'leased',
    before: delivery.state === 'leased' ? (delivery.before ?? 'pending') : delivery.state,
    trying: triggerOf(delivery),
    attempts: delivery.attempts + 1,
    token,
    leaseUntil,
  };
};

/** Waits no more by itself: it stands in line. One whose attempt was cut off is what it was before. */
const park = (delivery: Delivery, when: Condition): Step[] => {
  const { project, notification, endpoint, id, state, before = 'pending' } = delivery;
  const rank = parkingOf(delivery);
  return [
    update(
      deliveryKey(project, notification, endpoint),
      {
        parked: rank,
        state: state === 'leased' ? before : state,
        trying: triggerOf(delivery),
      },
      when,
      ['dueAt', 'token', 'leaseUntil', 'before'],
    ),
    put(parkingKey(delivery, rank), { delivery: id, rank }),
  ];
};

const claimSteps = (claimed: Delivery, from: Delivery, when: Condition): Step[] => {
  const { project, notification, endpoint, state, before, trying, attempts, token, leaseUntil } =
    claimed;
  return [
    update(
      deliveryKey(project, notification, endpoint),
      {
        state,
        attempts,
        ...(before === undefined ? {} : { before }),
        ...(trying === undefined ? {} : { trying }),
        ...(token === undefined ? {} : { token }),
        ...(leaseUntil === undefined ? {} : { leaseUntil, dueAt: leaseUntil }),
      },
      when,
      ['extra', 'parked'],
    ),
    ...(from.parked === undefined ? [] : [erase(parkingKey(from, from.parked))]),
  ];
};

/**
 * Claims the next attempt of a delivery and a slot at its endpoint's gate, or puts it in line, in one transaction. Claiming
 * is conditional on the delivery being due (or in line) with that attempt still to come: of several copies of a hint one
 * gets it.
 */
export const admit = async (platform: Backstage, delivery: Delivery): Promise<Admission> => {
  const { ids, policy } = platform;
  const { project, parked, attempts } = delivery;
  const token = ids.next();
  const decide = ({ gate, endpoint, now }: GateView): GateChanged<Claim | 'held' | undefined> => {
    if (!endpoint) return { gate, answer: undefined };
    const until = now + policy.webhookTimeoutMs + graceMs;
    const passed = pass(
      gate,
      endpoint,
      {
        token,
        until,
        byHand: delivery.extra === true,
        ...(parked === undefined ? { rank: parkingOf(delivery) } : {}),
      },
      now,
    );
    const when =
      parked === undefined ? deliveryIsDue(attempts, now) : deliveryIsParked(attempts, parked);
    if (passed.passed) {
      const claimed = leased(delivery, token, until);
      const claim: Claim = {
        delivery: claimed,
        endpoint,
        token,
        trigger: claimed.trying ?? 'schedule',
      };
      return { gate: passed.gate, steps: claimSteps(claimed, delivery, when), answer: claim };
    }
    if (parked !== undefined) return { gate, answer: 'held' };
    return {
      gate: withParked(passed.gate, parkingOf(delivery)),
      steps: park(delivery, when),
      answer: 'held',
    };
  };
  const changed = await changeGate(platform, project, delivery.endpoint, decide);
  if (changed.outcome === 'refused') return { outcome: 'late' };
  if (changed.outcome === 'gone' || changed.answer === undefined) return { outcome: 'gone' };
  if (changed.answer === 'held') return { outcome: 'held' };
  return { outcome: 'passed', claim: changed.answer };
};
