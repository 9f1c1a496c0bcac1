import type { Clock } from '../ports/clock.ts';

/** Other work waits no longer than this for a long computation, ms. */
const sliceMs = 8;

/** Cuts a long computation into slices. A clock that stands still takes no time for it, and cuts nothing. */
export const createPace = ({ clock }: { clock: Clock }) => {
  let since = clock.now();
  const isDue = (): boolean => Math.abs(clock.now() - since) >= sliceMs;
  const rest = async (): Promise<void> => {
    await clock.sleep(0);
    since = clock.now();
  };
  return {
    /** The slice is over. Absolute: the clock may be set back. */
    isDue,
    /** Lets other work run. */
    rest,
    /** Lets other work run when the slice is over: between two parts of a computation. */
    async pause(): Promise<void> {
      if (isDue()) await rest();
    },
  };
};

export type Pace = ReturnType<typeof createPace>;
