import { RetryableError, toErrorInfo } from '../../domain/errors.ts';
import type { Item, Key } from '../../domain/table/items.ts';
import { scopeLeaseKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step, TransactResult } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { holdsLease, scopeIsFree } from '../conditions.ts';
import { check, update } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';

/**
 * Length of a scope's lease. The heartbeat renews the lease every third of that time, so two renewals may fail. After a crash
 * another worker can claim the scope when the lease ends.
 */
const leaseMs = 30_000;

/** The item of a scope without activity expires, long after its lease and any backoff. */
const expiry = (now: number) => retention(remainsDays, now);

/** The lease was taken over: the work under it has to stop, and its writes are refused by the fencing token. */
export class LeaseLost extends Error {
  constructor(scope: string) {
    super(`The lease on ${scope} was lost.`);
    this.name = 'LeaseLost';
  }
}

/** Wait that a released lease leaves in the scope; times in ms since 1970. */
export interface ScopeWait {
  /** No claim succeeds before; absent: the scope can be claimed at once. */
  notBefore?: number;
  /** Start of the wait for the language model; `over`: there is none (any more); absent: unchanged. */
  waitingSince?: number | 'over';
}

/** The right to refine one scope: a lease with a fencing token, renewed by a heartbeat. */
export interface Lease {
  project: string;
  scope: string;
  token: string;
  /** Aborts when the lease is lost or the process stops. */
  signal: AbortSignal;
  /** Releases the scope. False when the lease was lost. */
  release(wait: ScopeWait): Promise<boolean>;
}

/** Fence of a transaction: refused once the lease was taken over. */
export const fence = ({ project, scope, token }: Pick<Lease, 'project' | 'scope' | 'token'>) =>
  check(scopeLeaseKey(project, scope), holdsLease(token));

/**
 * Commits a transaction unless the lease was taken over.
 * @throws LeaseLost
 */
export const commitUnderLease = async (
  platform: Platform,
  lease: Pick<Lease, 'project' | 'scope' | 'token'>,
  steps: readonly Step[],
): Promise<TransactResult> => {
  const result = await commit(platform, [...steps, fence(lease)]);
  if (failedConditions(result).includes(holdsLease('').name)) throw new LeaseLost(lease.scope);
  return result;
};

/** Renews the lease every third of its length until `lost` aborts; aborts it when the lease was taken over. */
const heartbeat = async (
  platform: Platform,
  lease: Lease,
  lost: AbortController,
): Promise<void> => {
  const key = scopeLeaseKey(lease.project, lease.scope);
  while (!lost.signal.aborted) {
    await platform.clock.sleep(leaseMs / 3, lost.signal);
    if (lost.signal.aborted) return;
    try {
      const until = { leaseUntil: platform.clock.now() + leaseMs };
      const { committed } = await commit(platform, [update(key, until, holdsLease(lease.token))]);
      if (!committed) lost.abort(new LeaseLost(lease.scope));
    } catch (error) {
      platform.telemetry.log('warn', 'lease.heartbeat_failed', { code: toErrorInfo(error).code });
    }
  }
};

/**
 * Writes a claim, once more if its outcome is unknown: after a freeze the first request of a process may meet a connection that was
 * closed meanwhile. The token shows whether the first write took effect.
 */
const writeClaim = async (platform: Platform, claim: Step, token: string): Promise<boolean> => {
  try {
    return (await commit(platform, [claim])).committed;
  } catch (error) {
    const isUnknown = error instanceof RetryableError && error.code !== 'transaction_conflict';
    if (!isUnknown) throw error;
  }
  const repeated = await commit(platform, [claim]);
  return (
    repeated.committed ||
    repeated.refusals.some(
      ({ current }) => current !== undefined && 'token' in current && current.token === token,
    )
  );
};

/**
 * Claims a scope; undefined when another worker holds its lease or a backoff has not passed. The lease is renewed until it
 * is released. After a crash it expires by itself.
 */
export const claimScope = async (
  platform: Platform,
  project: string,
  scope: string,
  stop: AbortSignal,
): Promise<Lease | undefined> => {
  const now = platform.clock.now();
  const token = platform.ids.next();
  const key = scopeLeaseKey(project, scope);
  const claim = update(key, { token, leaseUntil: now + leaseMs, ...expiry(now) }, scopeIsFree(now));
  if (!(await writeClaim(platform, claim, token))) return undefined;

  const lost = new AbortController();
  const lease: Lease = {
    project,
    scope,
    token,
    signal: AbortSignal.any([lost.signal, stop]),
    async release({ notBefore, waitingSince }) {
      lost.abort();
      await heartbeatLoop;
      const set = {
        token: '',
        leaseUntil: 0,
        ...(notBefore === undefined ? {} : { notBefore }),
        ...(typeof waitingSince === 'number' ? { waitingSince } : {}),
      };
      const write = update(key, set, holdsLease(token), [
        ...(notBefore === undefined ? (['notBefore'] as const) : []),
        ...(waitingSince === 'over' ? (['waitingSince'] as const) : []),
      ]);
      return (await commit(platform, [write])).committed;
    },
  };
  const heartbeatLoop = heartbeat(platform, lease, lost);
  return lease;
};

/** Pending turns read by `releaseStaleLeases`; leases of further scopes expire by themselves. */
const maxPending = 10_000;

/** Items that are due while a scope has work. */
const isWork = (key: Key): key is Key<'PEND' | 'TASKS'> =>
  key.kind === 'PEND' || key.kind === 'TASKS';

/**
 * Ends the leases of a process that is gone, so that its scopes need not wait until they expire; backoffs stay. To be
 * called at start, and only where no other process refines: a lease that is in use would be ended, too.
 */
export const releaseStaleScopeLeases = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
): Promise<void> => {
  const { store, clock } = platform;
  const due = await store.due({ class: 'work', until: clock.now(), limit: maxPending });
  const pending = await store.getMany(due.map(({ key }) => key).filter(isWork));
  const scopes = new Map(
    pending.flatMap((item) => {
      const key = item && scopeLeaseKey(item.project, item.scope);
      return key ? [[key.pk, key]] : [];
    }),
  );
  const keys = [...scopes.values()];
  const heads: (Item<'LEASE'> | undefined)[] = await store.getMany(keys);
  for (const [index, key] of keys.entries()) {
    const head = heads[index];
    if (!head?.token || (head.leaseUntil ?? 0) <= clock.now()) continue;
    const free = { token: '', leaseUntil: 0 };
    await commit(platform, [update(key, free, holdsLease(head.token))]);
  }
};
