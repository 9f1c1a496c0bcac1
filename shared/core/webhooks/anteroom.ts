import type { Clock } from '../../ports/clock.ts';

/** So long one waits here for a slot; after that it is to stand in line. */
const maxWaitMs = 2_000;
/** And so long once another has waited for too long: those share the transaction that puts it in line. */
const togetherMs = 250;

/** Where deliveries whose hints came wait for a moment, in memory only: they stay due, so a crash loses none. */
export interface AdmissionBuffer {
  add(delivery: string): void;
  /** The first `room`, and those that have waited for too long; no more than `most`. */
  leave(freeSlots: number, max: number): string[];
  size(): number;
  /** When the first has waited for too long. */
  nextTimeoutAt(): number;
}

export const createAdmissionBuffer = ({ now }: Pick<Clock, 'now'>): AdmissionBuffer => {
  const enqueuedAt = new Map<string, number>();
  return {
    add(delivery) {
      if (!enqueuedAt.has(delivery)) enqueuedAt.set(delivery, now());
    },
    leave(freeSlots, max) {
      const gone: string[] = [];
      let timeout = maxWaitMs;
      for (const [delivery, at] of enqueuedAt) {
        const isPatient = at + timeout > now();
        if (!isPatient) timeout = togetherMs;
        if (gone.length === max || (gone.length >= freeSlots && isPatient)) break;
        gone.push(delivery);
        enqueuedAt.delete(delivery);
      }
      return gone;
    },
    size: () => enqueuedAt.size,
    nextTimeoutAt() {
      const [first = Number.POSITIVE_INFINITY] = enqueuedAt.values();
      return first + maxWaitMs;
    },
  };
};
