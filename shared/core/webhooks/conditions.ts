import type { Delivery } from '../../domain/webhooks/delivery.ts';
import type { Condition } from '../../ports/store.ts';
import { condition, equalsOrMissing, leaseIsFree } from '../condition.ts';

/* Conditions on which writes of webhooks rest, like those of ../conditions.ts. */

/** A notification is created once, however often its outbox is expanded. */
export const notificationIsNew = condition('notificationIsNew', { is: 'absent' });

/** A notification is delivered to an endpoint by one delivery. */
export const deliveryIsNew = condition('deliveryIsNew', { is: 'absent' });

/** The endpoint's limiter was not written since it was read: every claim, enqueueing and wake-up rests on its newest state. */
export const limiterIsAt = (version: number): Condition =>
  condition('limiterIsAt', { attribute: 'version', equals: version });

/** The project has no endpoint of this id: the secret and limiter of one that another request restored are not replaced. */
export const endpointIsAbsent = condition('endpointIsAbsent', { is: 'absent' });

/** The endpoint was not changed since it was read. */
export const endpointIsAt = (version: number): Condition =>
  condition('endpointIsAt', { attribute: 'version', equals: version });

/** The delivery is due and as it was read: same attempt and state, no manual request or recovery since, and no lease is live. */
export const deliveryIsDue = (
  {
    state,
    attempts,
    token,
    manualRequested,
  }: Pick<Delivery, 'state' | 'attempts' | 'token' | 'manualRequested'>,
  now: number,
): Condition =>
  condition('deliveryIsDue', {
    all: [
      { attribute: 'state', equals: state },
      { attribute: 'attempts', equals: attempts },
      equalsOrMissing('token', token),
      { attribute: 'queuedPriority', is: 'missing' },
      equalsOrMissing('manualRequested', manualRequested),
      { attribute: 'dueAt', atMost: now },
      leaseIsFree(now),
    ],
  });

/**
 * The delivery is in the endpoint's backlog, at this priority, for this attempt, and no successor, manual request or erasure came
 * since it was read.
 */
export const deliveryIsQueued = (
  {
    attempts,
    successor,
    manualRequested,
    erased,
  }: Pick<Delivery, 'attempts' | 'successor' | 'manualRequested' | 'erased'>,
  priority: number,
): Condition =>
  condition('deliveryIsQueued', {
    all: [
      { attribute: 'attempts', equals: attempts },
      { attribute: 'queuedPriority', equals: priority },
      equalsOrMissing('successor', successor),
      equalsOrMissing('manualRequested', manualRequested),
      equalsOrMissing('erased', erased),
    ],
  });

/** The backlog entry belongs to no delivery: the delivery is gone, left the backlog, or has another priority. */
export const backlogEntryIsStale = (priority: number): Condition =>
  condition('backlogEntryIsStale', {
    any: [
      { is: 'absent' },
      { attribute: 'queuedPriority', is: 'missing' },
      { attribute: 'queuedPriority', in: [0, 1, 2].filter((other) => other !== priority) },
    ],
  });

/** The attempt holds its lease, and no successor, manual request or erasure came since the delivery was read. */
export const attemptIsCurrent = (
  token: string | undefined,
  {
    successor,
    manualRequested,
    erased,
  }: Pick<Delivery, 'successor' | 'manualRequested' | 'erased'>,
): Condition =>
  condition('attemptIsCurrent', {
    all: [
      equalsOrMissing('token', token),
      equalsOrMissing('successor', successor),
      equalsOrMissing('manualRequested', manualRequested),
      equalsOrMissing('erased', erased),
    ],
  });

/** The delivery is in the state that was read: same attempt, same lease holder, same successor. */
export const deliveryIsAt = (
  delivery: Pick<Delivery, 'state' | 'attempts' | 'token' | 'successor'>,
): Condition =>
  condition('deliveryIsAt', {
    all: [
      { attribute: 'state', equals: delivery.state },
      { attribute: 'attempts', equals: delivery.attempts },
      equalsOrMissing('token', delivery.token),
      equalsOrMissing('successor', delivery.successor),
    ],
  });

/** The predecessor under the ordering key is not final, and no other delivery waits for it. */
export const tailIsOpen = condition('tailIsOpen', {
  all: [
    { attribute: 'state', in: ['pending', 'leased'] },
    { attribute: 'successor', is: 'missing' },
  ],
});

/** The delivery waits for its predecessor under the ordering key. */
export const deliveryIsBlocked = condition('deliveryIsBlocked', {
  attribute: 'blocked',
  equals: true,
});

/** No delivery was appended under the ordering key since its tail was read. Number 0: there was none. */
export const orderingTailIsAt = (number: number): Condition =>
  condition(
    'orderingTailIsAt',
    number === 0 ? { is: 'absent' } : { attribute: 'number', equals: number },
  );

/** The recovery is running, and no worker holds its lease. */
export const recoveryIsFree = (now: number): Condition =>
  condition('recoveryIsFree', {
    all: [{ attribute: 'state', equals: 'running' }, leaseIsFree(now)],
  });

/** The worker still holds the recovery's lease, and the recovery was not cancelled. */
export const holdsRecovery = (token: string): Condition =>
  condition('holdsRecovery', {
    all: [
      { attribute: 'state', equals: 'running' },
      { attribute: 'token', equals: token },
    ],
  });

export const recoveryRuns = condition('recoveryRuns', { attribute: 'state', equals: 'running' });

export const recoveryIsCancelled = condition('recoveryIsCancelled', {
  attribute: 'state',
  equals: 'cancelled',
});
