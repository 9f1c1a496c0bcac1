import type { Item } from '../domain/table/items.ts';
import { endpointKey, limiterKey, notificationKey } from '../domain/table/keys.ts';
import type { Attempt } from '../domain/webhooks/attempt.ts';
import { isFinal } from '../domain/webhooks/delivery.ts';
import type { EndpointLimiter } from '../domain/webhooks/endpoint-limiter.ts';
import type { CheckContext } from './check-context.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

type Delivery = Item<'DELIVERY'>;

interface Transition {
  context: CheckContext;
  before: Delivery | undefined;
  after: Delivery;
  /** Attempt that the same transaction records. */
  attempt: Attempt | undefined;
  report(what: string): void;
}

const isLive = ({ context }: Transition, { state, leaseUntil = 0 }: Delivery): boolean =>
  state === 'leased' && leaseUntil > context.now();

const isSettled = (delivery: Delivery): boolean =>
  isFinal(delivery) && delivery.queuedPriority === undefined && !delivery.blocked;

/** Number of mechanisms that will continue the delivery: its due time, its backlog entry, or its predecessor. */
const countContinuations = ({ dueAt, queuedPriority, blocked }: Delivery): number =>
  [dueAt !== undefined, queuedPriority !== undefined, blocked === true].filter(
    (continues) => continues,
  ).length;

const isLeaseConsistent = ({
  token,
  dueAt,
  leaseUntil,
  queuedPriority,
  blocked,
}: Delivery): boolean =>
  token !== undefined && dueAt === leaseUntil && queuedPriority === undefined && !blocked;

/** Exactly one mechanism continues an unfinished delivery; a manual request adds a due time. */
const checkShape = ({ after, report }: Transition): void => {
  const { state, dueAt, manualRequested } = after;
  if (state === 'leased') {
    if (!isLeaseConsistent(after))
      report('is leased, but has a second mechanism that continues it');
    return;
  }
  const isConsistent = manualRequested
    ? dueAt !== undefined
    : countContinuations(after) === (isSettled(after) ? 0 : 1);
  if (!isConsistent)
    report(`is ${state} with ${countContinuations(after)} mechanisms that continue it`);
};

/** Whether the lease holder releases the delivery unchanged, without having posted. */
const isReleasedUnposted = ({ context, before, after }: Transition): boolean => {
  const claim = context.webhooks.claims.get(before?.token ?? '');
  return (
    before?.state === 'leased' &&
    claim?.actor === context.currentActor() &&
    claim?.post === undefined &&
    after.state === (before.previousState ?? 'pending') &&
    after.attempts === before.attempts - 1
  );
};

const checkHolder = (transition: Transition): void => {
  const { context, before, after, attempt, report } = transition;
  if (!before || before.token === after.token || before.state !== 'leased') return;
  const claim = context.webhooks.claims.get(before.token ?? '');
  const isOwn = claim?.actor === context.currentActor();
  if (isLive(transition, before) && !isOwn && !isFinal(after))
    report('was taken from the holder of a live lease');
  if ((isOwn && attempt?.number === before.attempts) || isReleasedUnposted(transition)) return;
  if (isLive(transition, before) && !isFinal(after))
    report('was released without a recorded attempt');
};

/**
 * Whether the actor has a block of the endpoint that lasts as long as the lease, or the lease has ended and nothing is posted. The
 * actor reads the endpoint's state before the POST.
 */
const isInBlock = (
  { leaseHolders, currentActor, now }: CheckContext,
  slots: EndpointLimiter['slots'],
  { leaseUntil = 0 }: Delivery,
): boolean =>
  leaseUntil <= now() ||
  slots.some(
    ({ token, until, count = 0 }) =>
      count > 0 && until >= leaseUntil && leaseHolders.get(token) === currentActor(),
  );

const checkAdmission = ({ context, after, report }: Transition, isManual: boolean): void => {
  const { project, endpoint: id, token } = after;
  const endpoint = context.table.get(endpointKey(project, id));
  const slots = context.table.get(limiterKey(project, id))?.slots ?? [];
  // A resend of a delivery in the backlog may have a slot of a block.
  if (isInBlock(context, slots, after)) return;
  if (endpoint?.status !== 'active' && !(endpoint && isManual))
    report(`was claimed though its endpoint is ${endpoint?.status ?? 'gone'}`);
  if (!slots.some((slot) => slot.token === token)) report('was claimed without a slot');
};

/** Reasons against a claim of the delivery in its state before. */
const claimObstacles = (transition: Transition, before: Delivery, isManual: boolean): string[] => {
  const obstacles = {
    'was claimed during a live lease': isLive(transition, before),
    'lost count of its attempts': transition.after.attempts !== before.attempts + 1,
    'was claimed before its predecessor was final': before.blocked === true,
    'was claimed although it was final': isSettled(before) && !isManual,
  };
  return Object.entries(obstacles).flatMap(([what, applies]) => (applies ? [what] : []));
};

const checkClaim = (transition: Transition): void => {
  const { before, after, report } = transition;
  if (after.state !== 'leased' || after.token === before?.token) return;
  const isManual = after.leaseTrigger === 'manual' || after.leaseTrigger === 'test';
  const obstacles = before
    ? claimObstacles(transition, before, isManual)
    : ['was claimed before it was created'];
  for (const obstacle of obstacles) report(obstacle);
  if (before?.manualRequested && after.leaseTrigger !== 'manual')
    report('lost its manual request to an attempt of its schedule');
  checkAdmission(transition, isManual);
};

/** Justification of each final state. */
const finalStates: { [state: string]: (transition: Transition, before: Delivery) => boolean } = {
  succeeded: ({ attempt }) => attempt?.ok === true,
  exhausted: ({ attempt, after }) => attempt?.ok === false && after.scheduledAttempts > 0,
  cancelled: ({ context, after }, before) =>
    before.recovery !== undefined ||
    !context.table.get(endpointKey(after.project, after.endpoint)) ||
    !context.table.get(notificationKey(after.project, after.notification)),
};

const checkEnd = (transition: Transition): void => {
  const { before, after, report } = transition;
  if (!isFinal(after) || before?.state === after.state) return;
  const isRestored =
    before?.previousState === after.state || before?.stateBeforeRecovery === after.state;
  if (!before || !(isRestored || finalStates[after.state]?.(transition, before)))
    report(`is ${after.state} without a reason`);
};

/** A write does not undo the concurrent write of another actor (lost update). */
const checkNotOverwritten = (transition: Transition): void => {
  const { before, after, report } = transition;
  if (!before) return;
  const isReset = after.attempts < before.attempts && !isReleasedUnposted(transition);
  if (isReset || after.createdAt !== before.createdAt) report('was created again');
  if (before.successor !== undefined && before.successor !== after.successor)
    report('lost its successor');
  if (before.ordering?.number !== after.ordering?.number) report('changed its ordering number');
  if (before.state === 'succeeded' && !isFinal(after) && !after.recovery && !after.previousState)
    report(`went from succeeded to ${after.state}`);
};

const checkManualRequest = ({ context, before, after, attempt, report }: Transition): void => {
  if (!before?.manualRequested || after.manualRequested || after.state === 'leased' || attempt?.ok)
    return;
  if (after.state !== 'cancelled' || context.table.get(endpointKey(after.project, after.endpoint)))
    report('lost its manual request');
};

const checks = [
  checkShape,
  checkHolder,
  checkClaim,
  checkEnd,
  checkNotOverwritten,
  checkManualRequest,
];

const checkAttempt = (context: CheckContext, before: Attempt | undefined, after: Attempt): void => {
  const report = (what: string): void =>
    context.report(`attempt ${after.number} of ${after.delivery} ${what}`);
  if (before && (before.ok !== after.ok || before.startedAt !== after.startedAt))
    report('was overwritten');
  const claims = context.webhooks.claimsFor(after.delivery);
  const claim = claims.find(({ number }) => number === after.number);
  if (claim?.post?.isAnswered && claim.post.ok !== after.ok)
    report('records another response than the receiver gave');
};

/**
 * Proves the state machine of deliveries: one leased attempt at a time, exactly one mechanism that continues an unfinished
 * delivery, and a final state that agrees with the attempts.
 */
export const checkDeliveries = (context: CheckContext, writes: readonly Write[]): void => {
  const attempts = writesOf(writes, 'ATTEMPT');
  for (const { before, after } of writesOf(writes, 'DELIVERY')) {
    if (!after) continue;
    const attempt = attempts.find((one) => one.after?.delivery === after.id)?.after;
    const report = (what: string): void => context.report(`delivery ${after.id} ${what}`);
    for (const check of checks) check({ context, before, after, attempt, report });
  }
  for (const { before, after } of attempts) if (after) checkAttempt(context, before, after);
};
