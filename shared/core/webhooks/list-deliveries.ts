import { attemptKey, deliveryKeyOf, endpointKey } from '../../domain/table/keys.ts';
import { deliveryPks, sortableTime } from '../../domain/table/time-listings.ts';
import type { Attempt } from '../../domain/webhooks/attempt.ts';
import { type Delivery, type DeliveryStatus, statusOf } from '../../domain/webhooks/delivery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { itemsUpTo } from '../pagination.ts';
import { isPosition, positionAfter, retentionStart, scanTimeIndex } from './time-index.ts';

export interface DeliveryQuery {
  status?: DeliveryStatus;
  /** Created at this time or later, ms since 1970. */
  since?: number;
  limit: number;
  /** The `next` of the previous page. */
  after?: string;
}

/** Upper bound on the difference between two machines' clocks. */
const maxClockSkewMs = 60_000;

const earlierOf = (a: string, b: string): string => (a < b ? a : b);

/**
 * Returns a page of an endpoint's deliveries, newest first. A bounded number of deliveries is examined, from now back to the
 * creation of the endpoint: a page may be empty and still have a `next`.
 */
export const listDeliveries = async (
  { store, clock, policy }: CorePlatform,
  project: string,
  id: string,
  { status, since = 0, limit, after }: DeliveryQuery,
): Promise<{ deliveries: Delivery[]; next?: string } | 'not_found' | 'bad_cursor'> => {
  const endpoint = await store.get(endpointKey(project, id));
  if (!endpoint) return 'not_found';
  if (after !== undefined && !isPosition(after)) return 'bad_cursor';
  const now = clock.now();
  const newest = positionAfter(now + maxClockSkewMs);
  const kept = retentionStart(now, policy.retainDeliveriesDays);
  const oldest = Math.max(since, kept, endpoint.createdAt - maxClockSkewMs);
  const { found, stoppedAt } = await scanTimeIndex(store, {
    kind: 'DELIVERY',
    shardsOf: (at) => deliveryPks(project, id, at),
    from: earlierOf(after ?? newest, newest),
    to: sortableTime(oldest),
    newestFirst: true,
    limit: limit + 1,
    keep: (item) => item.listSk !== after && (status === undefined || statusOf(item) === status),
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next = found.length > limit ? last?.at : stoppedAt;
  return {
    deliveries: page.map(({ item }) => item),
    ...(next === undefined ? {} : { next }),
  };
};

/** Attempts returned at most: resends can add any number, each with an excerpt of the response. */
const maxAttempts = 100;

/** Returns a delivery with its latest attempts, oldest first. */
export const getDelivery = async (
  { store }: Pick<CorePlatform, 'store'>,
  project: string,
  id: string,
): Promise<{ delivery: Delivery; attempts: Attempt[] } | undefined> => {
  const key = deliveryKeyOf(project, id);
  const delivery = key && (await store.get(key));
  if (!delivery) return undefined;
  const { pk } = attemptKey(project, id, 0);
  const attempts = await itemsUpTo(maxAttempts, (range) =>
    store.query({ kind: 'ATTEMPT', pk, prefix: 'ATTEMPT#', newestFirst: true, ...range }),
  );
  return { delivery, attempts: attempts.map(({ item }) => item).reverse() };
};
