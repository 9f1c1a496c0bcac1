import type { Item } from '../../../shared/domain/table/items.ts';
import { deliveryKey } from '../../../shared/domain/table/keys.ts';
import { inFlightLimit } from '../../../shared/domain/webhooks/endpoint.ts';
import type { EndpointLimiter } from '../../../shared/domain/webhooks/endpoint-limiter.ts';
import type { CommitWorld } from './commit-world.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const slotsAt = (gate: EndpointLimiter | undefined, now: number): number =>
  gate?.slots.filter(({ until }) => until > now).length ?? 0;

const checkGates = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'GATE')) {
    if (!after) continue;
    if (after.version !== (before?.version ?? 0) + 1)
      world.complain(`the gate of ${after.endpoint} was written over another’s writing`);
    const facts = world.webhooks.endpoints.get(after.endpoint);
    const slots = slotsAt(after, world.now());
    if (!facts || slots <= slotsAt(before, world.now())) continue;
    if (slots > inFlightLimit(facts.endpoint))
      world.complain(`endpoint ${after.endpoint} has ${slots} attempts in flight`);
  }
};

const checkEndpoints = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'ENDPOINT')) {
    if (!after) continue;
    if (after.version !== (before?.version ?? 0) + 1)
      world.complain(`endpoint ${after.id} was written over another’s writing`);
    if (!before && world.webhooks.endpoints.has(after.id))
      world.complain(`endpoint ${after.id} came back`);
  }
};

const checkLanes = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'LANE'))
    if (after && after.number !== (before?.number ?? 0) + 1)
      world.complain(`two deliveries have number ${after.number} of a lane`);
};

/** Whoever stands in line has a place there. */
const checkPlaces = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { key, before, after } of writesOf(writes, 'PARK')) {
    if (!before || after) continue;
    const [, project = '', endpoint = ''] = key.pk.split('#');
    const delivery = world.table.get(deliveryKey(project, before.notification, endpoint));
    if (delivery?.queuedPriority === before.rank)
      world.complain(`delivery ${delivery.id} lost its place in line`);
  }
};

const checkNotification = (
  world: CommitWorld,
  before: Item<'NOTIFICATION'>,
  after: Item<'NOTIFICATION'>,
): void => {
  if (before.listSk !== after.listSk) world.complain(`notification ${after.id} was made twice`);
  if (before.body !== after.body && !after.erased)
    world.complain(`the body of notification ${after.id} changed`);
  if (before.erased && !after.erased) world.complain(`the text of ${after.id} came back`);
};

const checkNotifications = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'NOTIFICATION'))
    if (before && after) checkNotification(world, before, after);
};

type Recovery = Item<'RECOVERY'>;

const isTaken = (before: Recovery, after: Recovery): boolean =>
  after.token !== undefined && after.token !== before.token;

/** A recovery ends once, and does nothing more. */
const checkRecoveryEnd = (world: CommitWorld, before: Recovery, after: Recovery): void => {
  if (before.state === 'running') return;
  if (before.state !== after.state)
    world.complain(`recovery ${after.id} went from ${before.state} to ${after.state}`);
  if (after.token !== undefined) world.complain(`recovery ${after.id} goes on after its end`);
};

/** One at a time moves a recovery on. */
const checkRecoveryLease = (world: CommitWorld, before: Recovery, after: Recovery): void => {
  const actor = world.acting();
  if (isTaken(before, after)) {
    if ((before.leaseUntil ?? 0) > world.now())
      world.complain(`recovery ${after.id} was taken from who holds it`);
    if (actor) world.holders.set(after.token ?? '', actor);
    return;
  }
  const holder = world.holders.get(before.token ?? '');
  const isMoved = before.cursor !== after.cursor || after.state === 'succeeded';
  if (holder && isMoved && actor !== holder)
    world.complain(`recovery ${after.id} was moved on by one who lost it`);
};

const checkRecoveries = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'RECOVERY')) {
    if (!before || !after) continue;
    checkRecoveryEnd(world, before, after);
    checkRecoveryLease(world, before, after);
  }
};

const checks = [
  checkGates,
  checkEndpoints,
  checkLanes,
  checkPlaces,
  checkNotifications,
  checkRecoveries,
];

/** Endpoints, their gates and lanes, and what is told: each written by those who know how it stands. */
export const checkEndpointWrites = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const check of checks) check(world, writes);
};
