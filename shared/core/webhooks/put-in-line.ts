import {
  backlogEntryKey,
  deliveryKey,
  deliveryListing,
  notificationKey,
  recoveryKey,
} from '../../domain/table/keys.ts';
import { priorities } from '../../domain/webhooks/delivery.ts';
import { markQueued } from '../../domain/webhooks/endpoint-limiter.ts';
import type { Recovery } from '../../domain/webhooks/recovery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { deliveryIsAt, deliveryIsNew, holdsRecovery, itemExists } from '../conditions.ts';
import { put, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { updateLimiter } from './gate-keeper.ts';
import type { RecoveryCandidate } from './recovery-page.ts';

/** What is put in line in one transaction: three steps each, and one for the recovery. */
export const maxPerTransaction = 30;

/** A full retry budget, at the end of the line, and kept as long as if it were new. */
const stepsOf = (
  { id: recovery }: Recovery,
  { before, delivery }: RecoveryCandidate,
  now: number,
  kept: { expiresAt?: number },
): Step[] => {
  if (!delivery) return [];
  const { project, notification, endpoint } = delivery;
  const parked = priorities.replay;
  const key = deliveryKey(project, notification, endpoint);
  const again = {
    state: 'pending',
    trigger: 'recover',
    scheduledAttempts: 0,
    updatedAt: now,
  } as const;
  const queued = { ...again, queuedPriority: parked, recovery, ...kept };
  return [
    before
      ? update(key, { ...queued, ...previousState(before.state) }, deliveryIsAt(before), [
          'completedAt',
        ])
      : put(key, { ...delivery, ...deliveryListing(delivery), ...queued }, deliveryIsNew),
    put(backlogEntryKey(delivery, parked), { notification, rank: parked }),
    update(notificationKey(project, notification), kept, itemExists),
  ];
};

const previousState = (state: string) =>
  state === 'succeeded' || state === 'exhausted' || state === 'cancelled'
    ? { stateBeforeRecovery: state as 'succeeded' | 'exhausted' | 'cancelled' }
    : {};

/**
 * Puts deliveries in line, behind everything live, and notes how far the recovery has come, in one transaction: each is
 * counted once, whatever crashes. False when one of them, or the recovery, is not as it was.
 */
export const enqueueRecovered = async (
  platform: CorePlatform,
  recovery: Recovery,
  candidates: readonly RecoveryCandidate[],
  progress: { cursor: string; candidates: number; leaseUntil: number },
): Promise<boolean> => {
  const { project, endpoint, id, token = '', counts } = recovery;
  const now = platform.clock.now();
  const kept = retention(platform.policy.retainDeliveriesDays, now);
  const steps = candidates.flatMap((one) => stepsOf(recovery, one, now, kept));
  const recovered = candidates.filter(({ delivery }) => delivery).length;
  const { cursor, leaseUntil } = progress;
  const noted = update(
    recoveryKey(project, endpoint, id),
    {
      cursor,
      counts: {
        candidates: counts.candidates + progress.candidates,
        recovered: counts.recovered + recovered,
      },
      leaseUntil,
      dueAt: leaseUntil,
      updatedAt: now,
    },
    holdsRecovery(token),
  );
  const { outcome } = await updateLimiter(platform, project, endpoint, ({ limiter }) => ({
    limiter: recovered > 0 ? markQueued(limiter, priorities.replay) : limiter,
    steps: [...steps, noted],
    value: undefined,
  }));
  return outcome === 'done';
};
