import type { Turn } from '../domain/memory/turn.ts';
import type { Item, ItemKind } from '../domain/table/items.ts';
import type { Delivery } from '../domain/webhooks/delivery.ts';
import type { Condition, Predicate } from '../ports/store.ts';

/*
 * All conditions on which writes of the protocol rest, each under a name. Four mechanisms recur:
 * - `...IsNew`: the item is created once, however often the writer is repeated;
 * - `...IsAt`, `versionIs`: the item is at the version that was read (optimistic concurrency);
 * - `holds...`: the writer still holds the lease, whose token is a fencing token;
 * - all others: the item is in a state that allows the transition.
 * The simulation removes the conditions one at a time, and has to notice each (test/unit/simulation/mutations.test.ts).
 */

type Scalar = string | number | boolean;

/** Name of an attribute that some kind of item has: a condition on any other name would never hold. */
type Attribute = { [K in ItemKind]: keyof Item<K> }[ItemKind];

/** A predicate of the store, with attributes that exist. */
type Test =
  | Exclude<Predicate, { attribute: string } | { any: unknown } | { all: unknown }>
  | (Extract<Predicate, { attribute: string }> & { attribute: Attribute })
  | { any: readonly Test[] }
  | { all: readonly Test[] };

const condition = (name: string, test: Test): Condition => ({ name, test });

const equalsOrMissing = (attribute: Attribute, value: Scalar | undefined): Test =>
  value === undefined ? { attribute, is: 'missing' } : { attribute, equals: value };

/** The lease was never taken, was given back, or has expired. */
const leaseIsFree = (now: number): Test => ({
  any: [
    { attribute: 'leaseUntil', is: 'missing' },
    { attribute: 'leaseUntil', atMost: now },
  ],
});

/** The item exists: an update must not create again what another writer deleted. */
export const itemExists = condition('itemExists', { is: 'present' });

/** A turn is accepted once, also when a commit is repeated after a lost answer. */
export const turnIsNew = condition('turnIsNew', { is: 'absent' });

/** No earlier request has this idempotency key or content hash; an expired record counts as absent. */
export const requestIsNew = condition('requestIsNew', { is: 'absent' });

/** The idempotency record still names the event that was seen to be final, so the repeated request is a new turn. */
export const idempotencyEventIs = (event: string): Condition =>
  condition('idempotencyEventIs', { attribute: 'event', equals: event });

/** An add creates the record of an entity, but never overwrites one, and so never removes its cutoffs. */
export const entityIsNew = condition('entityIsNew', { is: 'absent' });

/** No worker holds the scope's lease, and its backoff has passed. */
export const scopeIsFree = (now: number): Condition =>
  condition('scopeIsFree', {
    any: [
      { is: 'absent' },
      {
        all: [
          { attribute: 'leaseUntil', atMost: now },
          {
            any: [
              { attribute: 'notBefore', is: 'missing' },
              { attribute: 'notBefore', atMost: now },
            ],
          },
        ],
      },
    ],
  });

/** The writer still holds the lease it claimed, on a scope or a delivery: fences workers whose lease has expired. */
export const holdsLease = (token: string): Condition =>
  condition('holdsLease', { attribute: 'token', equals: token });

/** The turn was not applied, cancelled or given up since it was read. */
export const turnIsPending = condition('turnIsPending', { attribute: 'state', equals: 'pending' });

/** The turn is pending, with the messages that were decided on: no correction came since. */
export const turnIsPendingAt = (revision: number): Condition =>
  condition('turnIsPendingAt', {
    all: [
      { attribute: 'state', equals: 'pending' },
      equalsOrMissing('revision', revision === 0 ? undefined : revision),
    ],
  });

/** Readers see the turn's text, as it was read: the turn is neither applied nor cancelled, nor was it corrected since. */
export const turnIsRoughAt = (revision: number): Condition =>
  condition('turnIsRoughAt', {
    all: [
      { attribute: 'state', in: ['pending', 'failed'] },
      equalsOrMissing('revision', revision === 0 ? undefined : revision),
    ],
  });

export const turnIsFailed = condition('turnIsFailed', { attribute: 'state', equals: 'failed' });

/** The turn has its text, of the revision that was read: it was not cancelled, erased or corrected since. */
export const turnHasTextAt = (revision: number): Condition =>
  condition('turnHasTextAt', {
    all: [
      { attribute: 'state', in: ['pending', 'failed', 'applied'] },
      { attribute: 'erased', is: 'missing' },
      equalsOrMissing('revision', revision === 0 ? undefined : revision),
    ],
  });

/** The turn is as it was read: in the same state, and neither corrected nor relieved of a message since. */
export const messageIsErasable = ({
  state,
  revision,
  erasures,
}: Pick<Turn, 'state' | 'revision' | 'erasures'>): Condition =>
  condition('messageIsErasable', {
    all: [
      { attribute: 'state', equals: state },
      { attribute: 'erased', is: 'missing' },
      equalsOrMissing('revision', revision),
      equalsOrMissing('erasures', erasures),
    ],
  });

export const turnIsApplied = condition('turnIsApplied', { attribute: 'state', equals: 'applied' });

/** An event ends once. */
export const eventIsOpen = condition('eventIsOpen', {
  attribute: 'status',
  in: ['PENDING', 'RUNNING'],
});

export const eventIsFailed = condition('eventIsFailed', { attribute: 'status', equals: 'FAILED' });

/* Plans and memories. */

/**
 * The memory is live, at the version that was decided on, of the turn's scope, and not shaped by a newer turn or API write:
 * a late retry never undoes a newer change.
 */
export const memoryIsAsDecided = (version: number, scope: string, turn: string): Condition =>
  condition('memoryIsAsDecided', {
    all: [
      { attribute: 'version', equals: version },
      { attribute: 'scope', equals: scope },
      { attribute: 'state', equals: 'live' },
      { attribute: 'lastWrite', atMost: turn },
    ],
  });

/** The memory that made a change needless ("already known") is unchanged. */
export const memoryIsAt = (version: number): Condition =>
  condition('memoryIsAt', { attribute: 'version', equals: version });

/**
 * The earlier turn, whose effects this plan takes for done, was applied with the plan decided in the same batch, and no memory
 * drawn from it was erased since.
 */
export const planWasApplied = (plan: string): Condition =>
  condition('planWasApplied', {
    all: [
      { attribute: 'state', equals: 'applied' },
      { attribute: 'plan', equals: plan },
      { attribute: 'quotingForbidden', is: 'missing' },
    ],
  });

/** A memory id is used once. */
export const memoryIsNew = condition('memoryIsNew', { is: 'absent' });

/** The memory was not written since it was read. */
export const versionIs = (version: number): Condition =>
  condition('versionIs', { attribute: 'version', equals: version });

/** No delete-all of the entity came since it was read. Revision 0: none so far, and perhaps no record. */
export const entityIsAt = (revision: number): Condition =>
  condition(
    'entityIsAt',
    revision === 0
      ? { any: [{ is: 'absent' }, { attribute: 'revision', equals: 0 }] }
      : { attribute: 'revision', equals: revision },
  );

/** The item exists, and no other erasure rewrote it since it was read. */
export const erasuresAre = (count: number): Condition =>
  condition(
    'erasuresAre',
    count === 0
      ? { all: [{ is: 'present' }, { attribute: 'erasures', is: 'missing' }] }
      : { attribute: 'erasures', equals: count },
  );

/* The model's circuit breaker, and jobs. */

/** The breaker was not written since it was read. Version 0: there was no outage yet. */
export const outageIsAt = (version: number): Condition =>
  condition(
    'outageIsAt',
    version === 0 ? { is: 'absent' } : { attribute: 'version', equals: version },
  );

/** The job is not done, and no worker holds its lease. */
export const jobIsFree = (now: number): Condition =>
  condition('jobIsFree', { all: [{ is: 'present' }, leaseIsFree(now)] });

/** The worker still holds the job's lease. */
export const holdsJob = (token: string): Condition =>
  condition('holdsJob', { attribute: 'token', equals: token });

/* Webhooks. */

/** A notification is created once, however often its outbox is expanded. */
export const notificationIsNew = condition('notificationIsNew', { is: 'absent' });

/** A notification is delivered to an endpoint by one delivery. */
export const deliveryIsNew = condition('deliveryIsNew', { is: 'absent' });

/** The endpoint's limiter was not written since it was read: every claim, enqueueing and wake-up rests on its newest state. */
export const limiterIsAt = (version: number): Condition =>
  condition('limiterIsAt', { attribute: 'version', equals: version });

/** The endpoint was not changed since it was read. */
export const endpointIsAt = (version: number): Condition =>
  condition('endpointIsAt', { attribute: 'version', equals: version });

/** The delivery is due, its next attempt is the expected one, no manual attempt was requested since, and no lease is live. */
export const deliveryIsDue = (
  { attempts, manualRequested }: Pick<Delivery, 'attempts' | 'manualRequested'>,
  now: number,
): Condition =>
  condition('deliveryIsDue', {
    all: [
      { attribute: 'attempts', equals: attempts },
      equalsOrMissing('manualRequested', manualRequested),
      { attribute: 'dueAt', atMost: now },
      leaseIsFree(now),
    ],
  });

/** The delivery is in the endpoint's backlog, at this priority, for this attempt. */
export const deliveryIsQueued = (attempts: number, priority: number): Condition =>
  condition('deliveryIsQueued', {
    all: [
      { attribute: 'attempts', equals: attempts },
      { attribute: 'queuedPriority', equals: priority },
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
