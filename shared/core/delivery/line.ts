import { parentsOf } from '../../domain/delivery.ts';
import { inFlightLimit } from '../../domain/endpoint.ts';
import { withFront } from '../../domain/gate.ts';
import type { Key, Parking } from '../../domain/items.ts';
import { deliveryKey, endpointKey, gateKey } from '../../domain/keys.ts';
import type { Backstage } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { gateIsAt, placeIsStale } from '../conditions.ts';
import { check, erase } from '../steps.ts';
import { admit, type Claim } from './admission.ts';
import { cancelDelivery } from './cancel-delivery.ts';
import { changeGate } from './gate-keeper.ts';

/** Collisions with others who take from the same line are met by looking at a few more than there is room for. */
const spare = 4;
const closingPage = 100;

interface Place {
  key: Key<'PARK'>;
  item: Parking;
}

const frontOf = async (
  { store }: Backstage,
  project: string,
  endpoint: string,
  limit: number,
): Promise<Place[]> => {
  const { pk } = gateKey(project, endpoint);
  return (await store.query({ kind: 'PARK', pk, prefix: 'PARK#', limit })).items;
};

/** Passes the one in that place; a place whose delivery no longer stands there is cleared. */
const passFrom = async (
  platform: Backstage,
  project: string,
  { key, item }: Place,
): Promise<Claim | 'held' | undefined> => {
  const parents = parentsOf(item.delivery);
  const at = deliveryKey(project, parents?.notification ?? '', parents?.endpoint ?? '');
  const delivery = await platform.store.get(at);
  if (delivery?.parked !== item.rank) {
    await commit(platform, [erase(key), check(at, placeIsStale(item.rank))]);
    return undefined;
  }
  const admission = await admit(platform, delivery);
  if (admission.outcome === 'passed') return admission.claim;
  return admission.outcome === 'held' ? 'held' : undefined;
};

/** What is parked behind a deleted endpoint is cancelled; then its gate goes too. */
const clear = async (platform: Backstage, project: string, endpoint: string): Promise<void> => {
  for (;;) {
    const gate = await platform.store.get(gateKey(project, endpoint));
    if (!gate?.closing) return;
    const places = await frontOf(platform, project, endpoint, closingPage);
    for (const { key, item } of places) {
      const parents = parentsOf(item.delivery);
      const delivery =
        parents && (await platform.store.get(deliveryKey(project, parents.notification, endpoint)));
      if (delivery) await cancelDelivery(platform, delivery);
      await commit(platform, [erase(key)]);
    }
    if (places.length === 0)
      await commit(platform, [erase(gateKey(project, endpoint), gateIsAt(gate.version))]);
  }
};

/**
 * Takes from the head of an endpoint's line as many as its gate lets pass now, at most `most`; `closed` when there is
 * still someone in line and the gate has shut.
 */
export const takeFromLine = async (
  platform: Backstage,
  project: string,
  endpoint: string,
  most: number,
): Promise<{ claims: Claim[]; closed: boolean }> => {
  for (;;) {
    const gate = await platform.store.get(gateKey(project, endpoint));
    if (gate?.closing) await clear(platform, project, endpoint);
    if (!gate || gate.closing || gate.front === undefined) return { claims: [], closed: false };
    const current = await platform.store.get(endpointKey(project, endpoint));
    const room = current ? inFlightLimit(current) - gate.slots.length : 0;
    const wanted = Math.max(1, Math.min(most, room));
    const places = await frontOf(platform, project, endpoint, wanted + spare);
    const front = places[0]?.item.rank;
    if (front !== gate.front) {
      const seen = gate.parkings;
      await changeGate(platform, project, endpoint, (view) => ({
        gate: withFront(view.gate, front, seen),
        answer: undefined,
      }));
    }
    if (places.length === 0) return { claims: [], closed: false };
    const passed = await Promise.all(
      places.slice(0, wanted).map((place) => passFrom(platform, project, place)),
    );
    const claims = passed.filter((claim) => claim !== undefined && claim !== 'held');
    if (claims.length > 0 || passed.includes('held'))
      return { claims, closed: passed.includes('held') };
  }
};
