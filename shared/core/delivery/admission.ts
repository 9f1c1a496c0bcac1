import {
  type Delivery,
  isByHand,
  parkingOf,
  type Trigger,
  triggerOf,
} from '../../domain/delivery.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import { pass, withParked } from '../../domain/gate.ts';
import type { Item } from '../../domain/items.ts';
import { deliveryKey, parkingKey } from '../../domain/keys.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Condition, Step, Store } from '../../ports/store.ts';
import { deliveryIsDue, deliveryIsParked } from '../conditions.ts';
import { erase, put, update } from '../steps.ts';
import { withinShare } from './fair-share.ts';
import type { GateView } from './gate-batch.ts';
import { changeGate, type GateChanged } from './gate-keeper.ts';

/** The right to make one attempt. It runs out by itself. */
export interface Claim {
  /** As it stands under this claim; `attempts` is the number of the attempt. */
  delivery: Item<'DELIVERY'>;
  endpoint: Endpoint;
  token: string;
  trigger: Trigger;
}

/**
 * `shut`: the gate is; it stands in line, and whoever opens the gate looks there. `behind`: it stands in line now, and the
 * gate is open. `busy`: the gate is shut, and it stands in no line. `late`: someone else has it, or it is over. `gone`: its
 * endpoint is.
 */
export type Admission =
  | { outcome: 'passed'; claim: Claim }
  | { outcome: 'shut' | 'behind' | 'busy' | 'late' | 'gone' };

/** More than an attempt and its recording take. */
const graceMs = 15_000;

const leased = (
  delivery: Item<'DELIVERY'>,
  token: string,
  leaseUntil: number,
): Item<'DELIVERY'> => {
  const { extra: _, parked: __, ...rest } = delivery;
  return {
    ...rest,
    state: 'leased',
    before: delivery.state === 'leased' ? (delivery.before ?? 'pending') : delivery.state,
    trying: triggerOf(delivery),
    attempts: delivery.attempts + 1,
    token,
    leaseUntil,
    dueAt: leaseUntil,
  };
};

/** Waits no more by itself: it stands in line. One whose attempt was cut off is what it was before. */
const park = (delivery: Delivery, when: Condition): Step[] => {
  const { project, notification, endpoint, state, before = 'pending' } = delivery;
  const rank = parkingOf(delivery);
  return [
    update(
      deliveryKey(project, notification, endpoint),
      { parked: rank, state: state === 'leased' ? before : state },
      when,
      ['dueAt', 'token', 'leaseUntil', 'before', 'trying'],
    ),
    put(parkingKey(delivery, rank), { notification, rank }),
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

/** What the gate makes of a delivery that asks to pass. */
const judge = (
  store: Store,
  delivery: Item<'DELIVERY'>,
  { token, leaseMs }: { token: string; leaseMs: number },
  { gate, endpoint, now }: GateView,
): GateChanged<Admission> => {
  if (!endpoint) return { gate, answer: { outcome: 'gone' } };
  const { parked, attempts } = delivery;
  const until = now + leaseMs;
  const byHand = isByHand(delivery);
  const rank = parked === undefined ? { rank: parkingOf(delivery) } : {};
  const passed = pass(gate, withinShare(store, endpoint), { token, until, byHand, ...rank }, now);
  const when =
    parked === undefined ? deliveryIsDue(delivery, now) : deliveryIsParked(attempts, parked);
  if (passed.outcome === 'passed') {
    const claimed = leased(delivery, token, until);
    const claim = { delivery: claimed, endpoint, token, trigger: claimed.trying ?? 'schedule' };
    const steps = claimSteps(claimed, delivery, when);
    return { gate: passed.gate, steps, answer: { outcome: 'passed', claim } };
  }
  if (byHand) return { gate, answer: { outcome: 'busy' } };
  const answer = { outcome: passed.outcome };
  if (parked !== undefined) return { gate, answer };
  const after = withParked(passed.gate, parkingOf(delivery));
  return { gate: after, steps: park(delivery, when), answer };
};

/**
 * Claims the next attempt of a delivery and a slot at its endpoint's gate, or puts it in line, in one transaction. Claiming
 * is conditional on the delivery being due (or in line) with that attempt still to come: of several copies of a hint one
 * gets it. What a customer asked for by hand is not put in line: it stays due.
 */
export const admit = async (
  platform: Backstage,
  delivery: Item<'DELIVERY'>,
): Promise<Admission> => {
  const { store, ids, policy } = platform;
  const token = ids.next();
  const leaseMs = policy.webhookTimeoutMs + graceMs;
  const { project, endpoint } = delivery;
  const changed = await changeGate(platform, project, endpoint, (view) =>
    judge(store, delivery, { token, leaseMs }, view),
  );
  if (changed.outcome === 'refused') return { outcome: 'late' };
  return changed.outcome === 'gone' ? { outcome: 'gone' } : changed.answer;
};
