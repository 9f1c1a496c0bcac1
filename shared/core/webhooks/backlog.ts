import type { Item } from '../../domain/table/items.ts';
import { deliveryKey, endpointKey, limiterKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import {
  availableSlots,
  type EndpointLimiter,
  setHeadPriority,
} from '../../domain/webhooks/endpoint-limiter.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Page } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { backlogEntryIsStale } from '../conditions.ts';
import { firstItems } from '../pagination.ts';
import { check, remove } from '../steps.ts';
import { type AttemptLease, type ClaimResult, claimAttempt } from './claim-attempt.ts';
import { purgeBacklog } from './clear-line.ts';
import { withinShare } from './fair-share.ts';
import { updateLimiter } from './gate-keeper.ts';

/** Attempts of one endpoint that one process sees to at once; no endpoint is allowed more. */
const maxPerPage = 64;

type BacklogEntry = Page<'PARK'>['items'][number];

/** Who may go now; `opensAt`: nobody, until then. */
export interface ClaimedBatch {
  claims: AttemptLease[];
  retryAt?: number;
}

/** All of them at once, so that they share a transaction. A place whose delivery no longer stands there is cleared. */
const claimEntries = async (
  platform: CorePlatform,
  { project, endpoint }: EndpointLimiter,
  places: readonly BacklogEntry[],
): Promise<(ClaimResult | undefined)[]> => {
  const at = places.map(({ item }) => deliveryKey(project, item.notification, endpoint));
  const deliveries = await platform.store.getMany(at);
  return Promise.all(
    places.map(async ({ key, item }, index) => {
      const delivery = deliveries[index];
      if (delivery?.queuedPriority === item.rank) return claimAttempt(platform, delivery);
      const place = deliveryKey(project, item.notification, endpoint);
      await commit(platform, [remove(key), check(place, backlogEntryIsStale(item.rank))]);
      return undefined;
    }),
  );
};

const updateHeadPriority = async (
  platform: CorePlatform,
  { project, endpoint, headPriority, backlogVersion }: EndpointLimiter,
  seen: number | undefined,
): Promise<void> => {
  if (seen === headPriority) return;
  await updateLimiter(platform, project, endpoint, ({ limiter }) => ({
    limiter: setHeadPriority(limiter, seen, backlogVersion),
    value: undefined,
  }));
};

/** A gate that is shut is looked at again when it opens, and not before. */
const refreshDueTime = async (
  platform: CorePlatform,
  { project, endpoint }: EndpointLimiter,
): Promise<void> => {
  await updateLimiter(platform, project, endpoint, ({ limiter }) => ({
    limiter,
    value: undefined,
  }));
};

/** One look at the head of the line; undefined when others were faster everywhere. */
const claimOnce = async (
  platform: CorePlatform,
  limiter: EndpointLimiter,
  freeSlots: number,
): Promise<ClaimedBatch | undefined> => {
  const { project, endpoint } = limiter;
  const { pk } = limiterKey(project, endpoint);
  const range = {
    kind: 'PARK',
    pk,
    prefix: 'PARK#',
    limit: Math.min(freeSlots, maxPerPage),
  } as const;
  const places = await firstItems((from) => platform.store.query({ ...range, ...from }));
  await updateHeadPriority(platform, limiter, places[0]?.item.rank);
  if (places.length === 0) return { claims: [] };
  const passed = await claimEntries(platform, limiter, places);
  const claims = passed.flatMap((one) => (one?.outcome === 'claimed' ? [one.claim] : []));
  const isShut = passed.some(
    (one) => one?.outcome === 'queued_limited' || one?.outcome === 'limited',
  );
  return claims.length > 0 || isShut ? { claims } : undefined;
};

/** One look; undefined when it is worth another one. */
const tryClaim = async (
  platform: CorePlatform,
  limiter: Item<'GATE'>,
  endpoint: Endpoint | undefined,
): Promise<ClaimedBatch | undefined> => {
  const now = platform.clock.now();
  const { freeSlots, availableAt } = endpoint
    ? availableSlots(limiter, withinShare(platform.store, endpoint), now)
    : { freeSlots: 0 };
  if (limiter.headPriority !== undefined && freeSlots > 0)
    return claimOnce(platform, limiter, freeSlots);
  if (limiter.dueAt !== undefined && limiter.dueAt <= now) await refreshDueTime(platform, limiter);
  const isShut = limiter.headPriority !== undefined && availableAt !== undefined;
  return { claims: [], ...(isShut ? { retryAt: availableAt } : {}) };
};

/** Takes from the head of an endpoint's line as many as its gate lets pass now. */
export const claimFromBacklog = async (
  platform: CorePlatform,
  project: string,
  endpoint: string,
): Promise<ClaimedBatch> => {
  const { store } = platform;
  for (;;) {
    const limiter = await store.get(limiterKey(project, endpoint));
    if (limiter?.endpointDeleted) await purgeBacklog(platform, limiter);
    if (!limiter || limiter.endpointDeleted) return { claims: [] };
    const taken = await tryClaim(
      platform,
      limiter,
      await store.get(endpointKey(project, endpoint)),
    );
    if (taken) return taken;
  }
};
