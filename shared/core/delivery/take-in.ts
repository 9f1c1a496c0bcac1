import { vacancies } from '../../domain/gate.ts';
import type { Item } from '../../domain/items.ts';
import { deliveryKey, deliveryKeyOf, endpointKey, gateKey } from '../../domain/keys.ts';
import type { Dispatch } from '../../ports/platform.ts';
import { hint } from '../hint.ts';
import { admit, type Claim } from './admission.ts';
import type { Anteroom } from './anteroom.ts';
import { cancelDelivery } from './cancel-delivery.ts';
import { withinShare } from './fair-share.ts';

/** Deliveries that ask to pass at once. */
const most = 64;
/** A hint cannot wait longer; what is farther away is found by its due time. */
const longestHintMs = 900_000;
/** Until what was asked for by hand is tried again at a gate that was full. */
const byHandPauseMs = 1_000;

/** Comes back to a delivery later. */
const putOff = async (
  platform: Dispatch,
  { project, id }: Item<'DELIVERY'>,
  wait: number,
): Promise<void> => {
  if (wait > longestHintMs) return;
  await hint(platform, [{ v: 1, kind: 'delivery', project, delivery: id }], wait);
};

/** A delivery whose time has come. */
const claimNow = async (platform: Dispatch, delivery: Item<'DELIVERY'>): Promise<Claim[]> => {
  const { project, notification, endpoint } = delivery;
  const admission = await admit(platform, delivery);
  if (admission.outcome === 'passed') return [admission.claim];
  if (admission.outcome === 'busy') await putOff(platform, delivery, byHandPauseMs);
  if (admission.outcome === 'gone')
    await cancelDelivery(platform, deliveryKey(project, notification, endpoint));
  return [];
};

/**
 * Claims the attempt that a delivery is due for, unless someone else has it, it is over, or it has to stand in line. Safe
 * to do anywhere, any number of times at once.
 */
export const claimIfDue = async (
  platform: Dispatch,
  delivery: Item<'DELIVERY'>,
): Promise<Claim[]> => {
  if (delivery.dueAt === undefined) return [];
  const wait = delivery.dueAt - platform.clock.now();
  if (wait <= 0) return claimNow(platform, delivery);
  if (delivery.state !== 'leased') await putOff(platform, delivery, wait);
  return [];
};

/**
 * Those of the anteroom for whom there is room, or for whom waiting there is of no use.
 * @param leaving slots that are about to be given back
 */
export const callIn = async (
  { store, clock }: Dispatch,
  project: string,
  endpoint: string,
  anteroom: Anteroom,
  leaving: number,
): Promise<Item<'DELIVERY'>[]> => {
  const [gate, at] = await Promise.all([
    store.get(gateKey(project, endpoint)),
    store.get(endpointKey(project, endpoint)),
  ]);
  const room = gate && at ? vacancies(gate, withinShare(store, at), clock.now()) : most;
  const called = anteroom.leave(room + leaving, most);
  const keys = called.flatMap((delivery) => deliveryKeyOf(project, delivery) ?? []);
  return (await store.getMany(keys)).filter((delivery) => delivery !== undefined);
};
