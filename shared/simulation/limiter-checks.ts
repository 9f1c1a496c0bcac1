import type { Item } from '../domain/table/items.ts';
import { deliveryKey } from '../domain/table/keys.ts';
import { type EndpointLimiter, slotsTaken } from '../domain/webhooks/endpoint-limiter.ts';
import type { CheckContext } from './check-context.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const slotsInUse = (limiter: EndpointLimiter | undefined, now: number): number =>
  slotsTaken(limiter?.slots.filter(({ until }) => until > now) ?? []);

/** Notes who has a block: the actor that wrote it first. */
const recordBlocks = (
  { leaseHolders, currentActor }: CheckContext,
  after: EndpointLimiter,
): void => {
  const actor = currentActor();
  for (const { token, count } of after.slots)
    if (count !== undefined && actor && !leaseHolders.has(token)) leaseHolders.set(token, actor);
};

const checkLimiters = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'LIMITER')) {
    if (!after) continue;
    recordBlocks(context, after);
    if (after.version !== (before?.version ?? 0) + 1)
      context.report(`the limiter of ${after.endpoint} lost the update of another actor`);
    const facts = context.webhooks.endpoints.get(after.endpoint);
    const slots = slotsInUse(after, context.now());
    if (!facts || slots <= slotsInUse(before, context.now())) continue;
    if (slots > facts.endpoint.maxInFlight)
      context.report(`endpoint ${after.endpoint} has ${slots} attempts in flight`);
  }
};

const checkEndpoints = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'ENDPOINT')) {
    if (!after) continue;
    if (after.version !== (before?.version ?? 0) + 1)
      context.report(`endpoint ${after.id} lost the update of another actor`);
    if (!before && context.webhooks.endpoints.has(after.id))
      context.report(`endpoint ${after.id} came back`);
  }
};

const checkOrderings = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'ORDERING'))
    if (after && after.number !== (before?.number ?? 0) + 1)
      context.report(`two deliveries have number ${after.number} of an ordering`);
};

/** A queued delivery keeps its backlog entry. */
const checkBacklogEntries = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { key, before, after } of writesOf(writes, 'BACKLOG')) {
    if (!before || after) continue;
    const [, project = '', endpoint = ''] = key.pk.split('#');
    const delivery = context.table.get(deliveryKey(project, before.notification, endpoint));
    if (delivery?.queuedPriority === before.priority)
      context.report(`delivery ${delivery.id} lost its backlog entry`);
  }
};

const checkNotification = (
  context: CheckContext,
  before: Item<'NOTIFICATION'>,
  after: Item<'NOTIFICATION'>,
): void => {
  if (before.listSk !== after.listSk) context.report(`notification ${after.id} was created twice`);
  if (before.body !== after.body && !after.erased)
    context.report(`the body of notification ${after.id} changed`);
  if (before.erased && !after.erased) context.report(`the text of ${after.id} came back`);
};

const checkNotifications = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'NOTIFICATION'))
    if (before && after) checkNotification(context, before, after);
};

type Recovery = Item<'RECOVERY'>;

const isClaimed = (before: Recovery, after: Recovery): boolean =>
  after.token !== undefined && after.token !== before.token;

/** The final state of a recovery does not change, and nothing claims the recovery afterwards. */
const checkRecoveryEnd = (context: CheckContext, before: Recovery, after: Recovery): void => {
  if (before.state === 'running') return;
  if (before.state !== after.state)
    context.report(`recovery ${after.id} went from ${before.state} to ${after.state}`);
  if (after.token !== undefined) context.report(`recovery ${after.id} was claimed after its end`);
};

/** Only the lease holder advances a recovery. */
const checkRecoveryLease = (context: CheckContext, before: Recovery, after: Recovery): void => {
  const actor = context.currentActor();
  if (isClaimed(before, after)) {
    if ((before.leaseUntil ?? 0) > context.now())
      context.report(`recovery ${after.id} was taken from the holder of a live lease`);
    if (actor) context.leaseHolders.set(after.token ?? '', actor);
    return;
  }
  const holder = context.leaseHolders.get(before.token ?? '');
  const isAdvanced = before.cursor !== after.cursor || after.state === 'succeeded';
  if (holder && isAdvanced && actor !== holder)
    context.report(`recovery ${after.id} was advanced by an actor that had lost its lease`);
};

const checkRecoveries = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'RECOVERY')) {
    if (!before || !after) continue;
    checkRecoveryEnd(context, before, after);
    checkRecoveryLease(context, before, after);
  }
};

const checks = [
  checkLimiters,
  checkEndpoints,
  checkOrderings,
  checkBacklogEntries,
  checkNotifications,
  checkRecoveries,
];

/**
 * Proves optimistic concurrency of endpoints, limiters and ordering tails (no write replaces a version that its author did
 * not read), the limit of attempts in flight, immutable notifications, and the lease of recoveries.
 */
export const checkEndpointWrites = (context: CheckContext, writes: readonly Write[]): void => {
  for (const check of checks) check(context, writes);
};
