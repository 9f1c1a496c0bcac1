import type { Delivery } from '../webhooks/delivery.ts';
import type { Notification } from '../webhooks/notification.ts';
import { endpointPk, shardOf, shards } from './keys.ts';

/* Listings by time: of a project's notifications, and of an endpoint's deliveries. Each has a partition for each day and shard. */

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * Time as text that sorts by time.
 * @param at ms since 1970
 * @param rest order among items of the same time
 */
export const sortableTime = (at: number, rest = ''): string =>
  `${String(at).padStart(15, '0')}#${rest}`;

/** Listing attributes for a listing with one partition per day and shard. */
const timeBucket = (owner: string, id: string, at: number, order: string) => ({
  listPk: `${owner}#${dayOf(at)}#${shardOf(id)}`,
  listSk: sortableTime(at, order),
});

const dayPks = (owner: string, at: number): string[] =>
  Array.from({ length: shards }, (_, shard) => `${owner}#${dayOf(at)}#${shard}`);

/** Listing attributes of a notification: sorted by the time of its creation, then by the order of the facts. */
export const notificationListing = (
  { project, id, createdAt, order }: Pick<Notification, 'project' | 'id' | 'createdAt' | 'order'>,
  listedAt: number,
) => timeBucket(`P#${project}#NTF`, id, listedAt, `${sortableTime(createdAt, order)}#${id}`);

/** Partition keys of the notification listing for the day of `at`. */
export const notificationPks = (project: string, at: number): string[] =>
  dayPks(`P#${project}#NTF`, at);

/** Listing attributes of a delivery, in the listing of its endpoint. */
export const deliveryListing = ({ project, endpoint, id, createdAt }: Delivery) =>
  timeBucket(endpointPk(project, endpoint), id, createdAt, id);

/** Partition keys of an endpoint's delivery listing for the day of `at`. */
export const deliveryPks = (project: string, endpoint: string, at: number): string[] =>
  dayPks(endpointPk(project, endpoint), at);
