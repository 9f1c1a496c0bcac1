import { toErrorInfo } from '../../domain/errors.ts';
import type { Item, Key } from '../../domain/table/items.ts';
import { headKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { holdsLease, scopeIsFree } from '../conditions.ts';
import { update } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';

/** Long enough for a few missed heartbeats, short enough that a crash delays a scope by seconds. */
const leaseMs = 30_000;

/** A scope in which nothing happens any more leaves no trace: long after its lease and any backoff. */
const kept = (now: number) => retention(remainsDays, now);

/** Someone else holds the scope now: whatever was under way here must stop, and can no longer write. */
export class LeaseLost extends Error {
  constructor(scope: string) {
    super(`The lease on ${scope} was lost.`);
    this.name = 'LeaseLost';
  }
}

/** How a scope is left; times in ms since 1970. */
export interface Rest {
  /** No claim succeeds before; absent: it may be claimed at once. */
  notBefore?: number;
  /** Since when it waits for the language model; `over`: it does not, or not any more; absent: as before. */
  waitingSince?: number | 'over';
}

/** The right to refine one scope, fenced by its token. */
export interface Lease {
  project: string;
  scope: string;
  token: string;
  /** Aborts when the lease is lost, or the process wants to stop. */
  signal: AbortSignal;
  /** Gives the scope back. False when the lease was lost. */
  release(rest: Rest): Promise<boolean>;
}

const beat = async (platform: Platform, lease: Lease, lost: AbortController): Promise<void> => {
  const key = headKey(lease.project, lease.scope);
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
 * Claims a scope; undefined when another holds it or its backoff has not passed. The lease is renewed until released.
 * After a crash it runs out by itself.
 */
export const claimScope = async (
  platform: Platform,
  project: string,
  scope: string,
  stop: AbortSignal,
): Promise<Lease | undefined> => {
  const now = platform.clock.now();
  const token = platform.ids.next();
  const key = headKey(project, scope);
  const claim = update(key, { token, leaseUntil: now + leaseMs, ...kept(now) }, scopeIsFree(now));
  if (!(await commit(platform, [claim])).committed) return undefined;

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
      const step = update(key, set, holdsLease(token), [
        ...(notBefore === undefined ? (['notBefore'] as const) : []),
        ...(waitingSince === 'over' ? (['waitingSince'] as const) : []),
      ]);
      return (await commit(platform, [step])).committed;
    },
  };
  const heartbeatLoop = beat(platform, lease, lost);
  return lease;
};

/** Turns looked at; the leases of scopes beyond run out by themselves. */
const max = 10_000;

const isPending = (key: Key): key is Key<'PEND'> => key.kind === 'PEND';

/**
 * Gives back the scopes that a process which is gone had claimed, so that nobody waits for its leases to run out. Only
 * for one who knows that nobody else refines. A backoff stays.
 */
export const releaseStaleLeases = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
): Promise<void> => {
  const { store, clock } = platform;
  const due = await store.due({ until: clock.now(), limit: max });
  const pending = await store.getMany(due.map(({ key }) => key).filter(isPending));
  const scopes = new Map(
    pending.flatMap((item) => {
      const key = item && headKey(item.project, item.scope);
      return key ? [[key.pk, key]] : [];
    }),
  );
  const keys = [...scopes.values()];
  const heads: (Item<'HEAD'> | undefined)[] = await store.getMany(keys);
  for (const [index, key] of keys.entries()) {
    const head = heads[index];
    if (!head || head.leaseUntil <= clock.now()) continue;
    const free = { token: '', leaseUntil: 0 };
    await commit(platform, [update(key, free, holdsLease(head.token))]);
  }
};
