import type { ErrorInfo } from '../../domain/errors.ts';
import { nextCheckAt, type Outage } from '../../domain/outage.ts';
import { eventKey, pendingKey, scopeLeaseKey } from '../../domain/table/keys.ts';
import { hourMs } from '../../domain/time.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit, failedConditions } from '../commit.ts';
import { eventIsOpen, holdsLease } from '../conditions.ts';
import { put, update } from '../steps.ts';
import { needsModel } from './batch.ts';
import { fail, fence } from './handle-failure.ts';
import { type Lease, LeaseLost } from './lease.ts';
import { type PendingWork, readPendingWork } from './pending-turns.ts';

/** Turns looked at for those that have waited too long. */
const reach = 200;

const waitedInVain = (hours: number, { error }: Outage): ErrorInfo => ({
  code: 'model_unavailable',
  message: `The language model could not be used for ${hours} h. ${error.message}`,
  retryable: true,
});

/**
 * Moves due times on. Nothing is spent; events that this run marked as running are queued again, and the turns of the
 * request that failed keep the outage it ran into.
 */
const postpone = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  until: number,
  { asked, outage: { error, version } }: { asked: number; outage: Outage },
): Promise<void> => {
  const { project, scope } = lease;
  // Without a key nobody was asked: such a turn has not begun.
  const status = error.code === 'model_key_missing' ? ({ status: 'PENDING' } as const) : {};
  const updatedAt = platform.clock.now();
  const queued = (failures: number) =>
    ({ ...status, stage: 'queued', attempts: failures, updatedAt }) as const;
  const result = await commit(platform, [
    fence(lease),
    ...batch.map(({ pending }, index) =>
      put(pendingKey(project, scope, pending.turn), {
        ...pending,
        ...(index < asked ? { failedIn: version } : {}),
        dueAt: until,
      }),
    ),
    ...(asked > 0 ? batch : []).map(({ pending }) =>
      update(eventKey(project, pending.event), queued(pending.failures), eventIsOpen),
    ),
  ]);
  if (failedConditions(result).includes(holdsLease('').name)) throw new LeaseLost(scope);
};

/**
 * The scope waits for the model, spending nothing; what has waited for longer than the operator's limit fails. Returns
 * until when it rests, undefined when turns failed and what comes after them is to be looked at.
 * @param since when this run last saw the model work, else since when the scope waits is read
 * @param asked turns of the batch that a request was about, after which all of its events are marked as running; 0: none was made
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
    const late = (await readPendingWork(platform, lease, reach)).filter(
      (item) =>
        needsModel(item) &&
        !item.plan &&
        Math.max(item.pending.since ?? item.turn.createdAt, waitingSince) + limitMs <= now,
    );
    const error = waitedInVain(policy.modelGiveUpHours, outage);
    for (const item of late) await fail(platform, lease, item, error, item.pending.failures);
    if (late.length > 0) return undefined;
  }
  const notBefore = nextCheckAt(outage, now, ids.random());
  await postpone(platform, lease, batch, notBefore, { asked, outage });
  return { notBefore, waitingSince };
};
