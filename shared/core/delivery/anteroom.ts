import type { Clock } from '../../ports/clock.ts';

/** So long one waits here for a slot; after that it is to stand in line. */
const patienceMs = 2_000;
/** And so long once another has waited for too long: those share the transaction that puts it in line. */
const togetherMs = 250;

/** Where deliveries whose hints came wait for a moment, in memory only: they stay due, so a crash loses none. */
export interface Anteroom {
  enter(delivery: string): void;
  /** The first `room`, and those that have waited for too long; no more than `most`. */
  leave(room: number, most: number): string[];
  size(): number;
  /** When the first has waited for too long. */
  impatientAt(): number;
}

export const createAnteroom = ({ now }: Pick<Clock, 'now'>): Anteroom => {
  const came = new Map<string, number>();
  return {
    enter(delivery) {
      if (!came.has(delivery)) came.set(delivery, now());
    },
    leave(room, most) {
      const gone: string[] = [];
      let patience = patienceMs;
      for (const [delivery, at] of came) {
        const isPatient = at + patience > now();
        if (!isPatient) patience = togetherMs;
        if (gone.length === most || (gone.length >= room && isPatient)) break;
        gone.push(delivery);
        came.delete(delivery);
      }
      return gone;
    },
    size: () => came.size,
    impatientAt() {
      const [first = Number.POSITIVE_INFINITY] = came.values();
      return first + patienceMs;
    },
  };
};
