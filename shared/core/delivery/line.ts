import type { Endpoint } from '../../domain/endpoint.ts';
import { type Gate, roomOf, withFront } from '../../domain/gate.ts';
import type { Item } from '../../domain/items.ts';
import { deliveryKey, endpointKey, gateKey } from '../../domain/keys.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Page } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { placeIsStale } from '../conditions.ts';
import { firstItems } from '../first-items.ts';
import { check, erase } from '../steps.ts';
import { type Admission, admit, type Claim } from './admission.ts';
import { clearLine } from './clear-line.ts';
import { withinShare } from './fair-share.ts';
import { changeGate } from './gate-keeper.ts';

/** Attempts of one endpoint that one process sees to at once; no endpoint is allowed more. */
const most = 64;

type Place = Page<'PARK'>['items'][number];

/** Who may go now; `opensAt`: nobody, until then. */
export interface Taken {
  claims: Claim[];
  opensAt?: number;
}

/** All of them at once, so that they share a transaction. A place whose delivery no longer stands there is cleared. */
const passFrom = async (
  platform: Backstage,
  { project, endpoint }: Gate,
  places: readonly Place[],
): Promise<(Admission | undefined)[]> => {
  const at = places.map(({ item }) => deliveryKey(project, item.notification, endpoint));
  const deliveries = await platform.store.getMany(at);
  return Promise.all(
    places.map(async ({ key, item }, index) => {
      const delivery = deliveries[index];
      if (delivery?.parked === item.rank) return admit(platform, delivery);
      const place = deliveryKey(project, item.notification, endpoint);
      await commit(platform, [erase(key), check(place, placeIsStale(item.rank))]);
      return undefined;
    }),
  );
};

const noteFront = async (
  platform: Backstage,
  { project, endpoint, front, parkings }: Gate,
  seen: number | undefined,
): Promise<void> => {
  if (seen === front) return;
  await changeGate(platform, project, endpoint, ({ gate }) => ({
    gate: withFront(gate, seen, parkings),
    answer: undefined,
  }));
};

/** A gate that is shut is looked at again when it opens, and not before. */
const putOff = async (platform: Backstage, { project, endpoint }: Gate): Promise<void> => {
  await changeGate(platform, project, endpoint, ({ gate }) => ({ gate, answer: undefined }));
};

/** One look at the head of the line; undefined when others were faster everywhere. */
const takeOnce = async (
  platform: Backstage,
  gate: Gate,
  room: number,
): Promise<Taken | undefined> => {
  const { project, endpoint } = gate;
  const { pk } = gateKey(project, endpoint);
  const range = { kind: 'PARK', pk, prefix: 'PARK#', limit: Math.min(room, most) } as const;
  const places = await firstItems((from) => platform.store.query({ ...range, ...from }));
  await noteFront(platform, gate, places[0]?.item.rank);
  if (places.length === 0) return { claims: [] };
  const passed = await passFrom(platform, gate, places);
  const claims = passed.flatMap((one) => (one?.outcome === 'passed' ? [one.claim] : []));
  const isShut = passed.some((one) => one?.outcome === 'shut' || one?.outcome === 'busy');
  return claims.length > 0 || isShut ? { claims } : undefined;
};

/** One look; undefined when it is worth another one. */
const look = async (
  platform: Backstage,
  gate: Item<'GATE'>,
  endpoint: Endpoint | undefined,
): Promise<Taken | undefined> => {
  const now = platform.clock.now();
  const { room, opensAt } = endpoint
    ? roomOf(gate, withinShare(platform.store, endpoint), now)
    : { room: 0 };
  if (gate.front !== undefined && room > 0) return takeOnce(platform, gate, room);
  if (gate.dueAt !== undefined && gate.dueAt <= now) await putOff(platform, gate);
  const isShut = gate.front !== undefined && opensAt !== undefined;
  return { claims: [], ...(isShut ? { opensAt } : {}) };
};

/** Takes from the head of an endpoint's line as many as its gate lets pass now. */
export const takeFromLine = async (
  platform: Backstage,
  project: string,
  endpoint: string,
): Promise<Taken> => {
  const { store } = platform;
  for (;;) {
    const gate = await store.get(gateKey(project, endpoint));
    if (gate?.closing) await clearLine(platform, gate);
    if (!gate || gate.closing) return { claims: [] };
    const taken = await look(platform, gate, await store.get(endpointKey(project, endpoint)));
    if (taken) return taken;
  }
};
