import type { Clock } from '../ports/clock.ts';

/** Longest time that a computation occupies the event loop, ms. */
const sliceMs = 8;

/**
 * Divides a long computation into slices, between which the event loop runs other work (cooperative scheduling). With a
 * simulated clock, which does not advance during a computation, nothing is divided.
 */
export const createPace = ({ clock }: { clock: Clock }) => {
  let since = clock.now();
  const isDue = (): boolean => Math.abs(clock.now() - since) >= sliceMs;
  const rest = async (): Promise<void> => {
    await clock.sleep(0);
    since = clock.now();
  };
  return {
    /** Whether the slice is over. The difference is absolute, since the clock may be set back. */
    isDue,
    /** Yields to the event loop and starts a new slice. */
    rest,
    /** Yields when the slice is over. */
    async pause(): Promise<void> {
      if (isDue()) await rest();
    },
  };
};

export type Pace = ReturnType<typeof createPace>;
