import type { Memory } from '../domain/memory/memory.ts';
import type { Turn } from '../domain/memory/turn.ts';
import type { EntityRecord } from '../domain/table/items.ts';
import type { Condition } from '../ports/store.ts';
import { condition, equalsOrMissing, leaseIsFree } from './condition.ts';

/*
 * All conditions on which writes of the protocol rest, each under a name. Four mechanisms recur:
 * - `...IsNew`: the item is created once, however often the writer is repeated;
 * - `...IsAt`, `versionIs`: the item is at the version that was read (optimistic concurrency);
 * - `holds...`: the writer still holds the lease, whose token is a fencing token;
 * - all others: the item is in a state that allows the transition.
 * The simulation removes the conditions one at a time, and has to notice each (test/unit/simulation/mutations.test.ts).
 */

/** The turn has its work item, so it has not ended since: a plan goes nowhere else. */
export const workIsLeft = condition('workIsLeft', { is: 'present' });

/** The item exists: an update must not create again what another writer deleted. */
export const itemExists = condition('itemExists', { is: 'present' });

/** A turn is accepted once, also when a commit is repeated after a lost answer. */
export const turnIsNew = condition('turnIsNew', { is: 'absent' });

/** No earlier request has this idempotency key or content hash; an expired record counts as absent. */
export const requestIsNew = condition('requestIsNew', { is: 'absent' });

/** The idempotency record still names the event that was seen to be final, or whose turn was seen to be changed, so the repeated request is a new turn. */
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
          leaseIsFree(now),
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

/**
 * The turn is pending, with the messages that were decided on: no correction came since.
 * @param isUnindexed whether no entries of it may be in the index yet either, nor be about to be written
 */
export const turnIsPendingAt = (revision: number, { isUnindexed = false } = {}): Condition =>
  condition('turnIsPendingAt', {
    all: [
      { attribute: 'state', equals: 'pending' },
      equalsOrMissing('revision', revision === 0 ? undefined : revision),
      ...(isUnindexed ? [{ attribute: 'index', is: 'missing' } as const] : []),
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

/** The worker still holds the scope's lease, and no request to process came since it read the open tasks. */
export const knowsTasks = (token: string, mark: string | undefined): Condition =>
  condition('knowsTasks', {
    all: [{ attribute: 'token', equals: token }, equalsOrMissing('mark', mark)],
  });

/** The open tasks of the scope are as they were read; without a revision there were none. */
export const tasksAreAt = (revision: string | undefined): Condition =>
  condition(
    'tasksAreAt',
    revision === undefined ? { is: 'absent' } : { attribute: 'revision', equals: revision },
  );

export const turnIsFailed = condition('turnIsFailed', { attribute: 'state', equals: 'failed' });

/** The turn has its text, as it was read: it was not cancelled, erased, corrected or relieved of a message since. */
export const turnHasTextOf = ({
  revision,
  erasures,
}: Pick<Turn, 'revision' | 'erasures'>): Condition =>
  condition('turnHasTextOf', {
    all: [
      { attribute: 'state', in: ['pending', 'failed', 'applied'] },
      { attribute: 'erased', is: 'missing' },
      equalsOrMissing('revision', revision),
      equalsOrMissing('erasures', erasures),
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
 * drawn from it and no message of it was erased.
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

/** The memory was not written since it was read, nor made due to be indexed again, so its entry is as it was seen. */
export const entryIsOf = ({
  version,
  reindexings,
}: Pick<Memory, 'version' | 'reindexings'>): Condition =>
  condition('entryIsOf', {
    all: [{ attribute: 'version', equals: version }, equalsOrMissing('reindexings', reindexings)],
  });

/** No delete-all of the entity came since it was read. Revision 0: none so far, and perhaps no record. */
export const entityIsAt = (revision: number): Condition =>
  condition(
    'entityIsAt',
    revision === 0
      ? { any: [{ is: 'absent' }, { attribute: 'revision', equals: 0 }] }
      : { attribute: 'revision', equals: revision },
  );

/** No delete-all by a common record came since the epoch of the project was read (cutoffs.ts); undefined: none so far. */
export const epochIs = (value: string | undefined): Condition =>
  condition('epochIs', equalsOrMissing('value', value));

/**
 * The cutoffs of the entity are as they were read: no delete-all came since, nor did another one set the expiry of its cutoff. Revision 0:
 * no delete-all so far, and perhaps no record.
 */
export const cutoffsAre = ({
  revision = 0,
  expiries,
}: Partial<Pick<EntityRecord, 'revision' | 'expiries'>>): Condition => {
  const isSame = {
    all: [{ attribute: 'revision', equals: revision }, equalsOrMissing('expiries', expiries)],
  } as const;
  return condition('cutoffsAre', revision === 0 ? { any: [{ is: 'absent' }, isSame] } : isSame);
};

/** The cutoffs of the entity are as they were read, and no declaration came since. A declaration has a new id each time. */
export const declarationIs = ({
  revision = 0,
  expiries,
  declared,
}: Partial<Pick<EntityRecord, 'revision' | 'expiries' | 'declared'>>): Condition => {
  const isSame = {
    all: [
      { attribute: 'revision', equals: revision },
      equalsOrMissing('expiries', expiries),
      equalsOrMissing('declared', declared),
    ],
  } as const;
  const mayBeAbsent = revision === 0 && declared === undefined;
  return condition('declarationIs', mayBeAbsent ? { any: [{ is: 'absent' }, isSame] } : isSame);
};

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

/** The count of tokens was not written since it was read. Version 0: there was none yet. */
export const spendIsAt = (version: number): Condition =>
  condition(
    'spendIsAt',
    version === 0 ? { is: 'absent' } : { attribute: 'version', equals: version },
  );

/** The job is not done, and no worker holds its lease. */
export const jobIsFree = (now: number): Condition =>
  condition('jobIsFree', { all: [{ is: 'present' }, leaseIsFree(now)] });

/** The worker still holds the job's lease. */
export const holdsJob = (token: string): Condition =>
  condition('holdsJob', { attribute: 'token', equals: token });

/* Exports, profiles, and the settings of profiles. */

/**
 * The result is at the version that was read (0: there was none). Every write raises the version, an erasure too, so a text that was
 * made from a memory that was deleted meanwhile is never written.
 */
export const resultIsAt = (version: number): Condition =>
  condition(
    'resultIsAt',
    version === 0 ? { is: 'absent' } : { attribute: 'version', equals: version },
  );
