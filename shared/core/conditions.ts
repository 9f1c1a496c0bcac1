import type { Condition, Test } from '../ports/store.ts';

/** Every condition a write of the protocol rests on, named; the simulation removes them one at a time and must notice. */
const named = (name: string, test: Test): Condition => ({ name, test });

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

/** The turn a text borrows from was not sealed by a deletion meanwhile. */
export const mayBeQuoted = named('mayBeQuoted', { attribute: 'sealed', is: 'missing' });

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
