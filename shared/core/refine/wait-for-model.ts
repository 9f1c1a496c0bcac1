import type { ErrorInfo } from '../../domain/errors.ts';
import { nextCheckAt, type Outage } from '../../domain/outage.ts';
import { eventKey, pendingKey, scopeLeaseKey } from '../../domain/table/keys.ts';
import { hourMs } from '../../domain/time.ts';
import type { Platform } from '../../ports/platform.ts';
import { eventIsOpen, workIsLeft } from '../conditions.ts';
import { type Budget, budgetCheckAt } from '../model-budget.ts';
import { update } from '../steps.ts';
import { needsModel } from './batch.ts';
import { commitOfOpen, failTurn } from './handle-failure.ts';
import type { Lease } from './lease.ts';
import { type PendingWork, readPendingWork } from './pending-turns.ts';

/** Turns checked per run for having waited too long. */
const maxChecked = 200;

const giveUpError = (hours: number, { error }: Outage): ErrorInfo => ({
  code: 'model_unavailable',
  message: `The language model could not be used for ${hours} h. ${error.message}`,
  retryable: true,
});

/**
 * Moves the due times of a batch to `until` without spending a retry. Events that were marked as running (`begun`) are queued
 * again, and the turns of the failed request store the version of the outage.
 */
const postpone = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  until: number,
  {
    asked = 0,
    outage,
    begun = asked > 0 ? batch : [],
  }: { asked?: number; outage?: Outage; begun?: readonly PendingWork[] },
): Promise<void> => {
  const { project, scope } = lease;
  const met = outage && { outageVersion: outage.version };
  // Without a key no request was made: the turn has not started.
  const isUnasked = outage?.error.code === 'model_key_missing';
  const status = isUnasked ? ({ status: 'PENDING' } as const) : {};
  const updatedAt = platform.clock.now();
  const queued = (failures: number) =>
    ({ ...status, stage: 'queued', attempts: failures, updatedAt }) as const;
  const writes = batch.map((item, index) => {
    const { turn, event, failures } = item.pending;
    const waits = { ...(index < asked ? met : {}), dueAt: until };
    return [
      update(pendingKey(project, scope, turn), waits, workIsLeft),
      ...(begun.includes(item)
        ? [update(eventKey(project, event), queued(failures), eventIsOpen)]
        : []),
    ];
  });
  await commitOfOpen(platform, lease, writes);
};

/**
 * Makes the scope wait for a budget of tokens, without spending a retry and without giving up. Returns the wait to leave in the scope.
 * @throws LeaseLost
 */
export const waitForBudget = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  budget: Budget,
): Promise<{ notBefore: number }> => {
  const notBefore = budgetCheckAt(budget, platform.clock.now(), platform.ids.random());
  const { project } = lease;
  const events = await platform.store.getMany(
    batch.map(({ pending }) => eventKey(project, pending.event)),
  );
  const begun = batch.filter((_, at) => events[at] && events[at].stage !== 'queued');
  await postpone(platform, lease, batch, notBefore, { begun });
  return { notBefore };
};

/**
 * Makes the scope wait for the model without spending a retry; turns that have waited longer than the operator's limit
 * fail. Returns the wait to leave in the scope; undefined when turns failed, so that the run goes on with the next ones.
 * @param since when the model last answered in this run; undefined: the start of the wait is read from the scope
 * @param asked number of turns that a failed request was about, whose batch has events marked as running; 0: no request
 * @throws LeaseLost
 */
export const waitForModel = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  outage: Outage,
  { since, asked }: { since: number | undefined; asked: number },
): Promise<{ notBefore: number; waitingSince: number } | undefined> => {
  const { clock, ids, policy, store } = platform;
  const now = clock.now();
  const head =
    since === undefined ? await store.get(scopeLeaseKey(lease.project, lease.scope)) : undefined;
  const waitingSince = since ?? head?.waitingSince ?? now;
  const limitMs = policy.modelGiveUpHours * hourMs;
  if (waitingSince + limitMs <= now) {
    const { work } = await readPendingWork(platform, lease, maxChecked);
    const last = batch.at(-1)?.turn.id ?? '';
    const expired = work.filter(
      (item) =>
        needsModel(item) &&
        // Turns that are held do not wait for the model.
        (!item.pending.hold || item.turn.id <= last) &&
        !item.plan &&
        Math.max(item.pending.since ?? item.turn.createdAt, waitingSince) + limitMs <= now,
    );
    const error = giveUpError(policy.modelGiveUpHours, outage);
    for (const item of expired) await failTurn(platform, lease, item, error, item.pending.failures);
    if (expired.length > 0) return undefined;
  }
  const notBefore = nextCheckAt(outage, now, ids.random());
  await postpone(platform, lease, batch, notBefore, { asked, outage });
  return { notBefore, waitingSince };
};
