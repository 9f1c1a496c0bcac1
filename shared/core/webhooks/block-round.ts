import type { Item } from '../../domain/table/items.ts';
import { deliveryKeyOf, notificationKey } from '../../domain/table/keys.ts';
import { hasManualTrigger, parseDeliveryId, priorityOf } from '../../domain/webhooks/delivery.ts';
import { type AdmissionBuffer, claimIfDue } from './admission-buffer.ts';
import { claimFromBacklog } from './backlog.ts';
import { type AttemptLease, claimInBlock, type DispatchPlatform } from './claim-attempt.ts';
import type { createInFlightAttempts } from './in-flight-attempts.ts';
import type { SlotBlock } from './slot-blocks.ts';

/** Deliveries claimed concurrently. */
const maxPerRound = 64;
/** Deliveries that are read before their turn, and how long before, ms. */
const maxAhead = 32;
const aheadMs = 2_000;
/** Pause of a process whose block is used up, ms. */
const fullPauseMs = 250;

/** Parts of an endpoint's loop that a round uses. */
interface RoundInput {
  project: string;
  endpoint: string;
  buffer: AdmissionBuffer;
  attempts: ReturnType<typeof createInFlightAttempts>;
  /** Deliveries of the buffer that were read already. */
  ahead: Map<string, DeliveryWithText>;
}

/** Whether a slot of the block is for this delivery: due, by its schedule, with none of a smaller priority in the backlog. */
const isForBlock = (
  { clock }: DispatchPlatform,
  block: SlotBlock,
  delivery: Item<'DELIVERY'>,
): boolean => {
  const { dueAt = Number.POSITIVE_INFINITY, queuedPriority } = delivery;
  const { headPriority = Number.POSITIVE_INFINITY } = block;
  return (
    dueAt <= clock.now() &&
    queuedPriority === undefined &&
    !hasManualTrigger(delivery) &&
    priorityOf(delivery) <= headPriority &&
    block.free() > 0
  );
};

/** A delivery as it was read. The claim is conditional, so an outdated read claims nothing. */
export interface DeliveryWithText {
  delivery: Item<'DELIVERY'>;
  notification: Item<'NOTIFICATION'> | undefined;
  readAt: number;
}

const isFresh = ({ clock }: DispatchPlatform, one: DeliveryWithText | undefined): boolean =>
  one !== undefined && clock.now() - one.readAt < aheadMs;

/** Reads deliveries with their notifications, in one request with those that come next. */
const readAhead = async (
  { store, clock }: DispatchPlatform,
  { project, buffer, ahead }: RoundInput,
  taken: readonly string[],
): Promise<void> => {
  ahead.clear();
  const ids = [...taken, ...buffer.first(maxAhead)];
  const keys = ids.flatMap((id) => {
    const key = deliveryKeyOf(project, id);
    const { notification = '' } = parseDeliveryId(id) ?? {};
    return key ? [key, notificationKey(project, notification)] : [];
  });
  const readAt = clock.now();
  const items = await store.getMany<'DELIVERY' | 'NOTIFICATION'>(keys);
  for (const [index, item] of items.entries()) {
    if (keys[index]?.kind !== 'DELIVERY' || !item) continue;
    const delivery = item as Item<'DELIVERY'>;
    const notification = items[index + 1] as Item<'NOTIFICATION'> | undefined;
    ahead.set(delivery.id, { delivery, notification, readAt });
  }
};

const claimOne = async (
  platform: DispatchPlatform,
  block: SlotBlock,
  { delivery, notification }: DeliveryWithText,
): Promise<AttemptLease[]> => {
  if (!isForBlock(platform, block, delivery)) return claimIfDue(platform, delivery);
  const result = await claimInBlock(platform, block, delivery, notification);
  return result.outcome === 'claimed' ? [result.claim] : [];
};

/** Starts buffered deliveries. On error a delivery goes back to the buffer; the store still has a due time for each. */
const startBuffered = async (
  platform: DispatchPlatform,
  loop: RoundInput,
  block: SlotBlock,
): Promise<boolean> => {
  const { buffer, attempts, ahead } = loop;
  // A backlog gets half of the slots, or the only one.
  const slots = block.headPriority === undefined ? block.free() : Math.floor(block.free() / 2);
  const taken = buffer.take(slots, maxPerRound);
  if (taken.length === 0) return false;
  if (!taken.every((id) => isFresh(platform, ahead.get(id))))
    await readAhead(platform, loop, taken);
  const read = taken.flatMap((id) => ahead.get(id) ?? []);
  for (const id of taken) ahead.delete(id);
  const starts = await Promise.allSettled(
    read.map(async (one, place) => {
      try {
        // Deliveries beyond the slots have timed out, and are moved to the backlog.
        const claims = await (place < slots
          ? claimOne(platform, block, one)
          : claimIfDue(platform, one.delivery));
        for (const claim of claims) attempts.start(claim);
        return claims.length > 0;
      } catch (error) {
        buffer.add(one.delivery.id);
        throw error;
      }
    }),
  );
  for (const start of starts) if (start.status === 'rejected') throw start.reason;
  return starts.some((start) => start.status === 'fulfilled' && start.value);
};

/**
 * Starts as many attempts as the block of this process has slots for, from the buffer and from the backlog, and records those
 * that ended beside it. Before it finds nothing to do, it reads the limiter: another process may have queued a delivery.
 */
export const startInBlock = async (
  platform: DispatchPlatform,
  loop: RoundInput,
  block: SlotBlock,
): Promise<{ hasStarted: boolean; retryAt?: number }> => {
  const { project, endpoint, buffer, attempts } = loop;
  attempts.throwIfFailed();
  attempts.flushInBackground();
  const hasStarted = await startBuffered(platform, loop, block);
  const isLast = !hasStarted && attempts.isIdle() && buffer.size() === 0;
  const hasBacklog = block.headPriority !== undefined && block.free() > 0;
  const isFull = block.free() === 0 && buffer.size() > 0;
  const pause = isFull ? { retryAt: platform.clock.now() + fullPauseMs } : {};
  if (!isLast && !hasBacklog) return { hasStarted, ...pause };
  const { claims, ...rest } = await claimFromBacklog(platform, project, endpoint, block);
  for (const claim of claims) attempts.start(claim);
  return { ...pause, ...rest, hasStarted: hasStarted || claims.length > 0 };
};
