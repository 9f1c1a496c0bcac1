import type { Clock } from '../ports/clock.ts';

/** Longest time that a computation blocks the event loop, ms. */
const sliceMs = 8;

/**
 * Creates the time slices of a long computation (cooperative scheduling). Under a clock that stands still, as in the
 * simulation, the computation is not interrupted.
 */
export const createPace = ({ clock }: { clock: Clock }) => {
  let since = clock.now();
  const isDue = (): boolean => Math.abs(clock.now() - since) >= sliceMs;
  const rest = async (): Promise<void> => {
    await clock.sleep(0);
    since = clock.now();
  };
  return {
    /** Returns whether the slice is over. Absolute, since the clock may be set back. */
    isDue,
    /** Yields to other work and starts a new slice. */
    rest,
    /** Yields to other work if the slice is over. */
    async pause(): Promise<void> {
      if (isDue()) await rest();
    },
    /** Runs a computation to its end. Yields to other work at its steps. */
    async run<T>(steps: Generator<undefined, T>): Promise<T> {
      for (;;) {
        const { done, value } = steps.next();
        if (done) return value;
        if (isDue()) await rest();
      }
    },
  };
};

export type Pace = ReturnType<typeof createPace>;
