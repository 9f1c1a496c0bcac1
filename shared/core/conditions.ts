import type { Delivery } from '../domain/webhooks/delivery.ts';
import type { Condition, Predicate } from '../ports/store.ts';

/** Every condition a write of the protocol rests on, named; the simulation removes them one at a time and must notice. */
const named = (name: string, test: Predicate): Condition => ({ name, test });

/** A turn is accepted once: nothing stands at its key. */
export const turnIsNew = named('turnIsNew', { is: 'absent' });

/** No earlier request claimed this idempotency key or content hash (an expired claim counts as none). */
export const requestIsNew = named('requestIsNew', { is: 'absent' });

/** The claim is still the one whose event was seen to be final, so a repeat is a new request. */
export const claimIsStill = (event: string): Condition =>
  named('claimIsStill', { attribute: 'event', equals: event });

/** An entity is recorded once; its cutoffs are never overwritten by a later add. */
export const entityIsNew = named('entityIsNew', { is: 'absent' });

/** Nobody holds the scope, and its backoff has passed. */
export const scopeIsFree = (now: number): Condition =>
  named('scopeIsFree', {
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

/** The worker still holds the lease it claimed: fences everyone whose lease ran out. */
export const holdsLease = (token: string): Condition =>
  named('holdsLease', { attribute: 'token', equals: token });

/** The turn was neither applied nor cancelled nor given up meanwhile. */
export const turnIsPending = named('turnIsPending', { attribute: 'state', equals: 'pending' });

/** The turn's text is what readers see: it is not applied and not cancelled. */
export const turnIsRough = named('turnIsRough', {
  attribute: 'state',
  in: ['pending', 'failed'],
});

export const turnIsFailed = named('turnIsFailed', { attribute: 'state', equals: 'failed' });

export const turnIsApplied = named('turnIsApplied', { attribute: 'state', equals: 'applied' });

/** An event ends once. */
export const eventIsOpen = named('eventIsOpen', {
  attribute: 'status',
  in: ['PENDING', 'RUNNING'],
});

export const eventIsFailed = named('eventIsFailed', { attribute: 'status', equals: 'FAILED' });

/** The memory is at the version decided on, of this scope, and no newer turn or API write shaped it. */
export const memoryIsAsDecided = (version: number, scope: string, turn: string): Condition =>
  named('memoryIsAsDecided', {
    all: [
      { attribute: 'version', equals: version },
      { attribute: 'scope', equals: scope },
      { attribute: 'state', equals: 'live' },
      { attribute: 'lastTurn', atMost: turn },
    ],
  });

/** What a turn repeats is still known: the memory that says it is at the version it was seen at. */
export const memoryIsAt = (version: number): Condition =>
  named('memoryIsAt', { attribute: 'version', equals: version });

/** The turn whose deletions a plan takes for done went by the plan decided together with it; its text may be borrowed, too. */
export const planWasApplied = (plan: string): Condition =>
  named('planWasApplied', {
    all: [
      { attribute: 'state', equals: 'applied' },
      { attribute: 'plan', equals: plan },
      { attribute: 'quotingForbidden', is: 'missing' },
    ],
  });

/** The turn a text borrows from was not sealed by a deletion meanwhile. */
export const turnIsQuotable = named('turnIsQuotable', {
  attribute: 'quotingForbidden',
  is: 'missing',
});

/** A memory id is used once. */
export const memoryIsNew = named('memoryIsNew', { is: 'absent' });

/** No one wrote the memory since it was read. */
export const versionIs = (version: number): Condition =>
  named('versionIs', { attribute: 'version', equals: version });

/** No delete-all of this entity happened since it was read (revision 0: it may have no record yet). */
export const entityIsAt = (revision: number): Condition =>
  named(
    'entityIsAt',
    revision === 0
      ? { any: [{ is: 'absent' }, { attribute: 'revision', equals: 0 }] }
      : { attribute: 'revision', equals: revision },
  );

/** It is there, and no other erasure rewrote it since it was read. */
export const erasuresAre = (count: number): Condition =>
  named(
    'erasuresAre',
    count === 0
      ? { all: [{ is: 'present' }, { attribute: 'erasures', is: 'missing' }] }
      : { attribute: 'erasures', equals: count },
  );

/** Nobody wrote the model's outage since it was read (version 0: there was none). */
export const outageIsAt = (version: number): Condition =>
  named('outageIsAt', version === 0 ? { is: 'absent' } : { attribute: 'version', equals: version });

/** Nobody works on the job. */
export const jobIsFree = (now: number): Condition =>
  named('jobIsFree', {
    all: [
      { is: 'present' },
      {
        any: [
          { attribute: 'leaseUntil', is: 'missing' },
          { attribute: 'leaseUntil', atMost: now },
        ],
      },
    ],
  });

/** The job was not taken over. */
export const holdsJob = (token: string): Condition =>
  named('holdsJob', { attribute: 'token', equals: token });

/** Only what is there is changed: an update never brings back what another writer removed. */
export const stillThere = named('stillThere', { is: 'present' });

/** A notification is made once, however often its outbox is fanned out. */
export const notificationIsNew = named('notificationIsNew', { is: 'absent' });

/** An endpoint gets a notification once. */
export const deliveryIsNew = named('deliveryIsNew', { is: 'absent' });

/** Nobody wrote the gate since it was read: every admission, parking and resumption is decided on its newest state. */
export const limiterIsAt = (version: number): Condition =>
  named('limiterIsAt', { attribute: 'version', equals: version });

/** Nobody changed the endpoint since it was read. */
export const endpointIsAt = (version: number): Condition =>
  named('endpointIsAt', { attribute: 'version', equals: version });

const equalsOrMissing = (attribute: string, value: string | boolean | undefined): Predicate =>
  value === undefined ? { attribute, is: 'missing' } : { attribute, equals: value };

/** The delivery is due, its next attempt is still the one meant, nobody asked for one by hand since, and no live lease stands. */
export const deliveryIsDue = (
  { attempts, manualRequested }: Pick<Delivery, 'attempts' | 'manualRequested'>,
  now: number,
): Condition =>
  named('deliveryIsDue', {
    all: [
      { attribute: 'attempts', equals: attempts },
      equalsOrMissing('manualRequested', manualRequested),
      { attribute: 'dueAt', atMost: now },
      {
        any: [
          { attribute: 'leaseUntil', is: 'missing' },
          { attribute: 'leaseUntil', atMost: now },
        ],
      },
    ],
  });

/** The delivery still stands in line at that place. */
export const deliveryIsQueued = (attempts: number, rank: number): Condition =>
  named('deliveryIsQueued', {
    all: [
      { attribute: 'attempts', equals: attempts },
      { attribute: 'queuedPriority', equals: rank },
    ],
  });

/** The delivery does not stand in line at that rank (any more). */
export const backlogEntryIsStale = (rank: number): Condition =>
  named('backlogEntryIsStale', {
    any: [
      { is: 'absent' },
      { attribute: 'queuedPriority', is: 'missing' },
      { attribute: 'queuedPriority', in: [0, 1, 2].filter((other) => other !== rank) },
    ],
  });

/** The attempt's own lease stands, and neither a successor, a request for another attempt nor an erasure came since it was read. */
export const attemptIsCurrent = (
  token: string | undefined,
  {
    successor,
    manualRequested,
    erased,
  }: Pick<Delivery, 'successor' | 'manualRequested' | 'erased'>,
): Condition =>
  named('attemptIsCurrent', {
    all: [
      equalsOrMissing('token', token),
      equalsOrMissing('successor', successor),
      equalsOrMissing('manualRequested', manualRequested),
      equalsOrMissing('erased', erased),
    ],
  });

/** The delivery is as it was read: same attempt, same state, same holder, same successor. */
export const deliveryIsAt = (
  delivery: Pick<Delivery, 'state' | 'attempts' | 'token' | 'successor'>,
): Condition =>
  named('deliveryIsAt', {
    all: [
      { attribute: 'state', equals: delivery.state },
      { attribute: 'attempts', equals: delivery.attempts },
      equalsOrMissing('token', delivery.token),
      equalsOrMissing('successor', delivery.successor),
    ],
  });

/** The one before it in its lane is not over yet, and nothing else waits for it. */
export const tailIsOpen = named('tailIsOpen', {
  all: [
    { attribute: 'state', in: ['pending', 'leased'] },
    { attribute: 'successor', is: 'missing' },
  ],
});

/** The delivery waits for the one before it in its lane. */
export const deliveryWaits = named('deliveryWaits', { attribute: 'blocked', equals: true });

/** Nothing joined the lane since it was read (number 0: there was none). */
export const orderingTailIsAt = (number: number): Condition =>
  named(
    'orderingTailIsAt',
    number === 0 ? { is: 'absent' } : { attribute: 'number', equals: number },
  );

/** The recovery runs, and nobody works on it. */
export const recoveryIsFree = (now: number): Condition =>
  named('recoveryIsFree', {
    all: [
      { attribute: 'state', equals: 'running' },
      {
        any: [
          { attribute: 'leaseUntil', is: 'missing' },
          { attribute: 'leaseUntil', atMost: now },
        ],
      },
    ],
  });

/** The recovery was neither cancelled nor taken over. */
export const holdsRecovery = (token: string): Condition =>
  named('holdsRecovery', {
    all: [
      { attribute: 'state', equals: 'running' },
      { attribute: 'token', equals: token },
    ],
  });

export const recoveryRuns = named('recoveryRuns', { attribute: 'state', equals: 'running' });

export const recoveryIsCancelled = named('recoveryIsCancelled', {
  attribute: 'state',
  equals: 'cancelled',
});
