import type { Item } from '../../domain/table/items.ts';
import { deliveryKey, endpointKey, limiterKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import {
  availableSlots,
  busyScopes,
  type EndpointLimiter,
  setHeadPriority,
} from '../../domain/webhooks/endpoint-limiter.ts';
import { allowsBlocks } from '../../domain/webhooks/slot-block.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Page } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { firstItems } from '../pagination.ts';
import { check, remove } from '../steps.ts';
import {
  type AttemptLease,
  type ClaimResult,
  claimAttempt,
  claimInBlock,
  type DispatchPlatform,
} from './claim-attempt.ts';
import { backlogEntryIsStale, limiterIsAt } from './conditions.ts';
import type { WithLimiterStore } from './limiter-store.ts';
import { cancelDelivery } from './record-attempt.ts';
import type { SlotBlock } from './slot-blocks.ts';

/** Entries read and claimed at once; no endpoint may have more attempts in flight. */
const maxPerPage = 64;
/** Entries of a deleted endpoint cancelled per query. */
const purgePageSize = 100;

type BacklogEntry = Page<'BACKLOG'>['items'][number];

/** Claims that were granted, or the earliest time to try again. */
export interface ClaimedBatch {
  claims: AttemptLease[];
  retryAt?: number;
}

/**
 * Claims all entries concurrently, so that they share a transaction. An entry whose delivery is no longer queued under its
 * priority is deleted.
 */
const claimEntries = async (
  platform: DispatchPlatform,
  { project, endpoint }: EndpointLimiter,
  entries: readonly BacklogEntry[],
  block: SlotBlock | undefined,
): Promise<(ClaimResult | undefined)[]> => {
  const keys = entries.map(({ item }) => deliveryKey(project, item.notification, endpoint));
  const deliveries = await platform.store.getMany(keys);
  return Promise.all(
    entries.map(async ({ key, item }, index) => {
      const delivery = deliveries[index];
      if (delivery?.queuedPriority === item.priority)
        return block ? claimInBlock(platform, block, delivery) : claimAttempt(platform, delivery);
      const owner = deliveryKey(project, item.notification, endpoint);
      await commit(platform, [remove(key), check(owner, backlogEntryIsStale(item.priority))]);
      return undefined;
    }),
  );
};

const updateHeadPriority = async (
  { limiterStore }: WithLimiterStore,
  { project, endpoint, headPriority, backlogVersion }: EndpointLimiter,
  seen: number | undefined,
): Promise<void> => {
  if (seen === headPriority) return;
  await limiterStore.update(project, endpoint, ({ limiter }) => ({
    limiter: setHeadPriority(limiter, seen, backlogVersion),
    value: undefined,
  }));
};

/** Lets the limiter store write the next wakeup as the due time. */
const refreshDueTime = async (
  { limiterStore }: WithLimiterStore,
  { project, endpoint }: EndpointLimiter,
): Promise<void> => {
  await limiterStore.update(project, endpoint, ({ limiter }) => ({ limiter, value: undefined }));
};

/** The first entry of each ordered scope without an attempt in flight, and every entry without a scope. */
const startable = (
  entries: readonly BacklogEntry[],
  limiter: EndpointLimiter,
  now: number,
): BacklogEntry[] => {
  const busy = new Set(busyScopes(limiter, now));
  return entries.filter(({ item: { scope } }) => {
    if (scope === undefined) return true;
    const isFree = !busy.has(scope);
    busy.add(scope);
    return isFree;
  });
};

/** Entries of the first priority in any order: other processes claim at the same time, and should meet at few of them. */
const shuffled = (entries: readonly BacklogEntry[], random: () => number): BacklogEntry[] => {
  const first = entries.filter(({ item }) => item.priority === entries[0]?.item.priority);
  return first
    .map((entry) => ({ entry, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ entry }) => entry);
};

/**
 * Claims the first entries of the backlog, at an ordered endpoint the first of each scope among as many as a page has.
 * Undefined when every one of them was claimed elsewhere: worth another try.
 */
const claimOnce = async (
  platform: DispatchPlatform,
  limiter: EndpointLimiter,
  { ordered }: Endpoint,
  freeSlots: number,
  block: SlotBlock | undefined,
): Promise<ClaimedBatch | undefined> => {
  const { pk } = limiterKey(limiter.project, limiter.endpoint);
  const limit = ordered || block ? maxPerPage : Math.min(freeSlots, maxPerPage);
  const range = { kind: 'BACKLOG', pk, prefix: 'BACKLOG#', limit } as const;
  const entries = await firstItems((from) => platform.store.query({ ...range, ...from }));
  await updateHeadPriority(platform, limiter, entries[0]?.item.priority);
  const ready = ordered ? startable(entries, limiter, platform.clock.now()) : entries;
  const first = block ? shuffled(ready, platform.ids.random) : ready;
  if (first.length === 0) return { claims: [] };
  const results = await claimEntries(platform, limiter, first.slice(0, freeSlots), block);
  const claims = results.flatMap((one) => (one?.outcome === 'claimed' ? [one.claim] : []));
  const isLimited = results.some(
    (one) => one?.outcome === 'queued_limited' || one?.outcome === 'limited',
  );
  return claims.length > 0 || isLimited ? { claims } : undefined;
};

/** Claims what the limiter allows now. Undefined when it is worth another try. */
const tryClaim = async (
  platform: DispatchPlatform,
  limiter: Item<'LIMITER'>,
  endpoint: Endpoint | undefined,
  block: SlotBlock | undefined,
): Promise<ClaimedBatch | undefined> => {
  const now = platform.clock.now();
  const isInBlock = endpoint && block && block.free() > 0 && allowsBlocks(limiter, endpoint);
  if (isInBlock && limiter.headPriority !== undefined)
    return claimOnce(platform, limiter, endpoint, block.free(), block);
  const { freeSlots, availableAt } = endpoint
    ? availableSlots(limiter, platform.fairShare.limit(endpoint), now)
    : { freeSlots: 0 };
  if (endpoint && limiter.headPriority !== undefined && freeSlots > 0)
    return claimOnce(platform, limiter, endpoint, freeSlots, undefined);
  if (limiter.dueAt !== undefined && limiter.dueAt <= now) await refreshDueTime(platform, limiter);
  const isTimed = limiter.headPriority !== undefined && availableAt !== undefined;
  return { claims: [], ...(isTimed ? { retryAt: availableAt } : {}) };
};

/** Cancels the backlog of a deleted endpoint, then deletes its limiter. After a crash the limiter is still due. */
const purgeBacklog = async (
  platform: CorePlatform,
  { project, endpoint, version }: EndpointLimiter,
): Promise<void> => {
  const { store } = platform;
  const { pk } = limiterKey(project, endpoint);
  const range = { kind: 'BACKLOG', pk, prefix: 'BACKLOG#', limit: purgePageSize } as const;
  for (;;) {
    const entries = await firstItems((from) => store.query({ ...range, ...from }));
    if (entries.length === 0) break;
    for (const { key, item } of entries) {
      await cancelDelivery(platform, deliveryKey(project, item.notification, endpoint));
      await commit(platform, [remove(key)]);
    }
  }
  await commit(platform, [remove(limiterKey(project, endpoint), limiterIsAt(version))]);
};

/**
 * Claims deliveries from the head of an endpoint's backlog, in order of priority, as many as its limiter allows now, or as the
 * block of the process does. Safe to repeat and to run concurrently: each claim is conditional.
 */
export const claimFromBacklog = async (
  platform: DispatchPlatform,
  project: string,
  endpoint: string,
  block?: SlotBlock,
): Promise<ClaimedBatch> => {
  const { store } = platform;
  for (;;) {
    const limiter = await store.get(limiterKey(project, endpoint));
    if (limiter?.endpointDeleted) await purgeBacklog(platform, limiter);
    if (!limiter || limiter.endpointDeleted) return { claims: [] };
    const stored = await store.get(endpointKey(project, endpoint));
    block?.sawHead(limiter.headPriority);
    const batch = await tryClaim(platform, limiter, stored, block);
    if (batch) return batch;
  }
};
