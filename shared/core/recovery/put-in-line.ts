import { parkings } from '../../domain/delivery.ts';
import { withParked } from '../../domain/gate.ts';
import {
  deliveryKey,
  deliveryListing,
  notificationKey,
  parkingKey,
  recoveryKey,
} from '../../domain/keys.ts';
import type { Recovery } from '../../domain/recovery.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { deliveryIsAt, deliveryIsNew, holdsRecovery, stillThere } from '../conditions.ts';
import { changeGate } from '../delivery/gate-keeper.ts';
import { retention } from '../retention.ts';
import { put, update } from '../steps.ts';
import type { Examined } from './recoverable-page.ts';

/** What is put in line in one transaction: three steps each, and one for the recovery. */
export const mostAtOnce = 30;

/** A full retry budget, at the end of the line, and kept as long as if it were new. */
const stepsOf = (
  { id: recovery }: Recovery,
  { before, delivery }: Examined,
  now: number,
  kept: { expiresAt?: number },
): Step[] => {
  if (!delivery) return [];
  const { project, notification, endpoint } = delivery;
  const parked = parkings.replay;
  const key = deliveryKey(project, notification, endpoint);
  const again = { state: 'pending', trigger: 'recover', tries: 0, updatedAt: now } as const;
  const inLine = { ...again, parked, recovery, ...kept };
  return [
    before
      ? update(key, { ...inLine, ...was(before.state) }, deliveryIsAt(before), ['completedAt'])
      : put(key, { ...delivery, ...deliveryListing(delivery), ...inLine }, deliveryIsNew),
    put(parkingKey(delivery, parked), { notification, rank: parked }),
    update(notificationKey(project, notification), kept, stillThere),
  ];
};

const was = (state: string) =>
  state === 'succeeded' || state === 'exhausted' || state === 'cancelled'
    ? { recovered: state as 'succeeded' | 'exhausted' | 'cancelled' }
    : {};

/**
 * Puts deliveries in line, behind everything live, and notes how far the recovery has come, in one transaction: each is
 * counted once, whatever crashes. False when one of them, or the recovery, is not as it was.
 */
export const putInLine = async (
  platform: Backstage,
  recovery: Recovery,
  examined: readonly Examined[],
  progress: { cursor: string; examined: number; leaseUntil: number },
): Promise<boolean> => {
  const { project, endpoint, id, token = '', counts } = recovery;
  const now = platform.clock.now();
  const kept = retention(platform.policy.retainDeliveriesDays, now);
  const steps = examined.flatMap((one) => stepsOf(recovery, one, now, kept));
  const recovered = examined.filter(({ delivery }) => delivery).length;
  const { cursor, leaseUntil } = progress;
  const noted = update(
    recoveryKey(project, endpoint, id),
    {
      cursor,
      counts: {
        examined: counts.examined + progress.examined,
        recovered: counts.recovered + recovered,
      },
      leaseUntil,
      dueAt: leaseUntil,
      updatedAt: now,
    },
    holdsRecovery(token),
  );
  const { outcome } = await changeGate(
    platform,
    project,
    endpoint,
    ({ gate }) => ({
      gate: recovered > 0 ? withParked(gate, parkings.replay) : gate,
      steps: [...steps, noted],
      answer: undefined,
    }),
    steps.length + 1,
  );
  return outcome === 'done';
};
