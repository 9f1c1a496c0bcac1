import type { Attempt } from '../../domain/attempt.ts';
import { type Delivery, type DeliveryStatus, statusOf } from '../../domain/delivery.ts';
import {
  attemptKey,
  deliveryKeyOf,
  deliveryPks,
  endpointKey,
  momentOf,
} from '../../domain/keys.ts';
import type { Backstage } from '../../ports/platform.ts';
import { everyPage } from '../every-page.ts';
import { endOf, isMoment, oldestOf, readDays } from './days.ts';

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

/** An endpoint's deliveries, newest first. Days before there was the endpoint are not looked at. */
export const listDeliveries = async (
  { store, clock, policy }: Backstage,
  project: string,
  id: string,
  { status, since = 0, limit, after }: DeliveryQuery,
): Promise<{ deliveries: Delivery[]; next?: string } | 'not_found' | 'bad_cursor'> => {
  const endpoint = await store.get(endpointKey(project, id));
  if (!endpoint) return 'not_found';
  if (after !== undefined && !isMoment(after)) return 'bad_cursor';
  const now = clock.now();
  const kept = oldestOf(now, policy.retainDeliveriesDays);
  const oldest = Math.max(since, kept, endpoint.createdAt - skewMs);
  const found = await readDays(store, {
    kind: 'DELIVERY',
    pksOf: (at) => deliveryPks(project, id, at),
    from: after ?? endOf(now),
    to: momentOf(oldest),
    newestFirst: true,
    limit: limit + 1,
    keep: (item) => item.listSk !== after && (status === undefined || statusOf(item) === status),
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next = found.length > limit && last ? { next: last.at } : {};
  return { deliveries: page.map(({ item }) => item), ...next };
};

/** A delivery as it stands, with its attempts, oldest first. */
export const getDelivery = async (
  { store }: Pick<Backstage, 'store'>,
  project: string,
  id: string,
): Promise<{ delivery: Delivery; attempts: Attempt[] } | undefined> => {
  const key = deliveryKeyOf(project, id);
  const delivery = key && (await store.get(key));
  if (!delivery) return undefined;
  const { pk } = attemptKey(project, id, 0);
  const attempts = await everyPage((from) =>
    store.query({ kind: 'ATTEMPT', pk, prefix: 'ATTEMPT#', ...from }),
  );
  return { delivery, attempts: attempts.map(({ item }) => item) };
};
