import type { Item } from '../../../shared/domain/table/items.ts';
import { endpointKey, limiterKey, notificationKey } from '../../../shared/domain/table/keys.ts';
import type { Attempt } from '../../../shared/domain/webhooks/attempt.ts';
import { isFinal } from '../../../shared/domain/webhooks/delivery.ts';
import type { CommitScope } from './commit-scope.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

type Delivery = Item<'DELIVERY'>;

interface Move {
  service: CommitScope;
  before: Delivery | undefined;
  after: Delivery;
  /** The attempt that was recorded together with it. */
  attempt: Attempt | undefined;
  complain(what: string): void;
}

const isLive = ({ service }: Move, { state, leaseUntil = 0 }: Delivery): boolean =>
  state === 'leased' && leaseUntil > service.now();

const isAtRest = (delivery: Delivery): boolean =>
  isFinal(delivery) && delivery.queuedPriority === undefined && !delivery.blocked;

/** How often it goes on: by its due time, from its place in line, or after the one before it. */
const waysOf = ({ dueAt, queuedPriority, blocked }: Delivery): number =>
  [dueAt !== undefined, queuedPriority !== undefined, blocked === true].filter((way) => way).length;

const isLeaseWhole = ({ token, dueAt, leaseUntil, queuedPriority, blocked }: Delivery): boolean =>
  token !== undefined && dueAt === leaseUntil && queuedPriority === undefined && !blocked;

/** Each state has its one way to go on; one that was asked for by hand is due besides. */
const checkShape = ({ after, complain }: Move): void => {
  const { state, dueAt, manualRequested } = after;
  if (state === 'leased') {
    if (!isLeaseWhole(after)) complain('is leased, and yet goes on by itself');
    return;
  }
  const isWhole = manualRequested
    ? dueAt !== undefined
    : waysOf(after) === (isAtRest(after) ? 0 : 1);
  if (!isWhole) complain(`is ${state} with ${waysOf(after)} ways to go on`);
};

/** Who claimed it gives it back as it was, having posted nothing. */
const isUntried = ({ service, before, after }: Move): boolean => {
  const claim = service.webhooks.claims.get(before?.token ?? '');
  return (
    before?.state === 'leased' &&
    claim?.actor === service.acting() &&
    claim?.post === undefined &&
    after.state === (before.previousState ?? 'pending') &&
    after.attempts === before.attempts - 1
  );
};

const checkHolder = (move: Move): void => {
  const { service, before, after, attempt, complain } = move;
  if (!before || before.token === after.token || before.state !== 'leased') return;
  const claim = service.webhooks.claims.get(before.token ?? '');
  const isOwn = claim?.actor === service.acting();
  if (isLive(move, before) && !isOwn && !isFinal(after)) complain('was taken from who tries it');
  if ((isOwn && attempt?.number === before.attempts) || isUntried(move)) return;
  if (isLive(move, before) && !isFinal(after)) complain('was given up without a word');
};

const checkPassage = ({ service, after, complain }: Move, byHand: boolean): void => {
  const { project, endpoint: id, token } = after;
  const endpoint = service.table.get(endpointKey(project, id));
  if (endpoint?.status !== 'active' && !(endpoint && byHand))
    complain(`was claimed though its endpoint is ${endpoint?.status ?? 'gone'}`);
  if (!service.table.get(limiterKey(project, id))?.slots.some((slot) => slot.token === token))
    complain('was claimed without a slot');
};

/** Why it must not be claimed as it stands. */
const obstaclesOf = (move: Move, before: Delivery, byHand: boolean): string[] => {
  const obstacles = {
    'was claimed while somebody tries it': isLive(move, before),
    'lost count of its attempts': move.after.attempts !== before.attempts + 1,
    'was claimed before its turn': before.blocked === true,
    'was claimed although it was over': isAtRest(before) && !byHand,
  };
  return Object.entries(obstacles).flatMap(([what, stands]) => (stands ? [what] : []));
};

const checkClaim = (move: Move): void => {
  const { before, after, complain } = move;
  if (after.state !== 'leased' || after.token === before?.token) return;
  const byHand = after.leaseTrigger === 'manual' || after.leaseTrigger === 'test';
  const obstacles = before ? obstaclesOf(move, before, byHand) : ['was tried before it was made'];
  for (const obstacle of obstacles) complain(obstacle);
  checkPassage(move, byHand);
};

/** Why a delivery may end as it did. */
const endings: { [state: string]: (move: Move, before: Delivery) => boolean } = {
  succeeded: ({ attempt }) => attempt?.ok === true,
  exhausted: ({ attempt, after }) => attempt?.ok === false && after.scheduledAttempts > 0,
  cancelled: ({ service, after }, before) =>
    before.recovery !== undefined ||
    !service.table.get(endpointKey(after.project, after.endpoint)) ||
    !service.table.get(notificationKey(after.project, after.notification)),
};

const checkEnd = (move: Move): void => {
  const { before, after, complain } = move;
  if (!isFinal(after) || before?.state === after.state) return;
  const isBack =
    before?.previousState === after.state || before?.stateBeforeRecovery === after.state;
  if (!before || !(isBack || endings[after.state]?.(move, before)))
    complain(`is ${after.state}, but nothing says why`);
};

/** Nobody's writing undoes what another wrote meanwhile. */
const checkKept = (move: Move): void => {
  const { before, after, complain } = move;
  if (!before) return;
  const isNewer = after.attempts < before.attempts && !isUntried(move);
  if (isNewer || after.createdAt !== before.createdAt) complain('was made anew');
  if (before.successor !== undefined && before.successor !== after.successor)
    complain('forgot who waits behind it');
  if (before.ordering?.number !== after.ordering?.number) complain('changed its place in its lane');
  if (before.state === 'succeeded' && !isFinal(after) && !after.recovery && !after.previousState)
    complain(`went from succeeded to ${after.state}`);
};

const checkAsked = ({ service, before, after, attempt, complain }: Move): void => {
  if (!before?.manualRequested || after.manualRequested || after.state === 'leased' || attempt?.ok)
    return;
  if (after.state !== 'cancelled' || service.table.get(endpointKey(after.project, after.endpoint)))
    complain('forgot that it was asked for');
};

const checks = [checkShape, checkHolder, checkClaim, checkEnd, checkKept, checkAsked];

const checkAttempt = (service: CommitScope, before: Attempt | undefined, after: Attempt): void => {
  const complain = (what: string): void =>
    service.complain(`attempt ${after.number} of ${after.delivery} ${what}`);
  if (before && (before.ok !== after.ok || before.startedAt !== after.startedAt))
    complain('was written over');
  const claims = service.webhooks.claimsOf(after.delivery);
  const claim = claims.find(({ number }) => number === after.number);
  if (claim?.post?.isAnswered && claim.post.ok !== after.ok) complain('tells of another answer');
};

/** A delivery goes its way, one attempt at a time, and ends as its attempts say. */
export const checkDeliveries = (service: CommitScope, writes: readonly Write[]): void => {
  const attempts = writesOf(writes, 'ATTEMPT');
  for (const { before, after } of writesOf(writes, 'DELIVERY')) {
    if (!after) continue;
    const attempt = attempts.find((one) => one.after?.delivery === after.id)?.after;
    const complain = (what: string): void => service.complain(`delivery ${after.id} ${what}`);
    for (const check of checks) check({ service, before, after, attempt, complain });
  }
  for (const { before, after } of attempts) if (after) checkAttempt(service, before, after);
};
