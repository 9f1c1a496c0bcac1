import {
  attemptKey,
  deliveryKeyOf,
  deliveryPks,
  endpointKey,
  sortableTime,
} from '../../domain/table/keys.ts';
import type { Attempt } from '../../domain/webhooks/attempt.ts';
import { type Delivery, type DeliveryStatus, statusOf } from '../../domain/webhooks/delivery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { itemsUpTo } from '../pagination.ts';
import { isPosition, positionAfter, retentionStart, scanTimeIndex } from './time-index.ts';

export interface DeliveryQuery {
  status?: DeliveryStatus;
  /** Made then or later, ms since 1970. */
  since?: number;
  limit: number;
  /** The `next` of the page before. */
  after?: string;
}

/** The clocks of two machines differ by less. */
const skewMs = 60_000;

const earlierOf = (a: string, b: string): string => (a < b ? a : b);

/**
 * An endpoint's deliveries, newest first. Neither days before there was the endpoint nor days to come are looked at, and
 * no more than a bounded number of deliveries: a page may be empty and still have a next one.
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
  const newest = positionAfter(now + skewMs);
  const kept = retentionStart(now, policy.retainDeliveriesDays);
  const oldest = Math.max(since, kept, endpoint.createdAt - skewMs);
  const { found, stoppedAt } = await scanTimeIndex(store, {
    kind: 'DELIVERY',
    pksOf: (at) => deliveryPks(project, id, at),
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

/** Resends can make any number of attempts, each with an excerpt of what was answered. */
const maxAttempts = 100;

/** A delivery as it stands, with its newest attempts, oldest first. */
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
