import type { Item } from '../../../shared/domain/table/items.ts';
import { deliveryKey } from '../../../shared/domain/table/keys.ts';
import { inFlightLimit } from '../../../shared/domain/webhooks/endpoint.ts';
import type { EndpointLimiter } from '../../../shared/domain/webhooks/endpoint-limiter.ts';
import type { CommitScope } from './commit-scope.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const slotsAt = (limiter: EndpointLimiter | undefined, now: number): number =>
  limiter?.slots.filter(({ until }) => until > now).length ?? 0;

const checkLimiters = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'LIMITER')) {
    if (!after) continue;
    if (after.version !== (before?.version ?? 0) + 1)
      service.complain(`the limiter of ${after.endpoint} was written over another’s writing`);
    const facts = service.webhooks.endpoints.get(after.endpoint);
    const slots = slotsAt(after, service.now());
    if (!facts || slots <= slotsAt(before, service.now())) continue;
    if (slots > inFlightLimit(facts.endpoint))
      service.complain(`endpoint ${after.endpoint} has ${slots} attempts in flight`);
  }
};

const checkEndpoints = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'ENDPOINT')) {
    if (!after) continue;
    if (after.version !== (before?.version ?? 0) + 1)
      service.complain(`endpoint ${after.id} was written over another’s writing`);
    if (!before && service.webhooks.endpoints.has(after.id))
      service.complain(`endpoint ${after.id} came back`);
  }
};

const checkOrderings = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'ORDERING'))
    if (after && after.number !== (before?.number ?? 0) + 1)
      service.complain(`two deliveries have number ${after.number} of a tail`);
};

/** Whoever stands in line has a place there. */
const checkPlaces = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { key, before, after } of writesOf(writes, 'BACKLOG')) {
    if (!before || after) continue;
    const [, project = '', endpoint = ''] = key.pk.split('#');
    const delivery = service.table.get(deliveryKey(project, before.notification, endpoint));
    if (delivery?.queuedPriority === before.rank)
      service.complain(`delivery ${delivery.id} lost its place in line`);
  }
};

const checkNotification = (
  service: CommitScope,
  before: Item<'NOTIFICATION'>,
  after: Item<'NOTIFICATION'>,
): void => {
  if (before.listSk !== after.listSk) service.complain(`notification ${after.id} was made twice`);
  if (before.body !== after.body && !after.erased)
    service.complain(`the body of notification ${after.id} changed`);
  if (before.erased && !after.erased) service.complain(`the text of ${after.id} came back`);
};

const checkNotifications = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'NOTIFICATION'))
    if (before && after) checkNotification(service, before, after);
};

type Recovery = Item<'RECOVERY'>;

const isTaken = (before: Recovery, after: Recovery): boolean =>
  after.token !== undefined && after.token !== before.token;

/** A recovery ends once, and does nothing more. */
const checkRecoveryEnd = (service: CommitScope, before: Recovery, after: Recovery): void => {
  if (before.state === 'running') return;
  if (before.state !== after.state)
    service.complain(`recovery ${after.id} went from ${before.state} to ${after.state}`);
  if (after.token !== undefined) service.complain(`recovery ${after.id} goes on after its end`);
};

/** One at a time moves a recovery on. */
const checkRecoveryLease = (service: CommitScope, before: Recovery, after: Recovery): void => {
  const actor = service.acting();
  if (isTaken(before, after)) {
    if ((before.leaseUntil ?? 0) > service.now())
      service.complain(`recovery ${after.id} was taken from who holds it`);
    if (actor) service.holders.set(after.token ?? '', actor);
    return;
  }
  const holder = service.holders.get(before.token ?? '');
  const isMoved = before.cursor !== after.cursor || after.state === 'succeeded';
  if (holder && isMoved && actor !== holder)
    service.complain(`recovery ${after.id} was moved on by one who lost it`);
};

const checkRecoveries = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'RECOVERY')) {
    if (!before || !after) continue;
    checkRecoveryEnd(service, before, after);
    checkRecoveryLease(service, before, after);
  }
};

const checks = [
  checkLimiters,
  checkEndpoints,
  checkOrderings,
  checkPlaces,
  checkNotifications,
  checkRecoveries,
];

/** Endpoints, their gates and lanes, and what is told: each written by those who know how it stands. */
export const checkEndpointWrites = (service: CommitScope, writes: readonly Write[]): void => {
  for (const check of checks) check(service, writes);
};
