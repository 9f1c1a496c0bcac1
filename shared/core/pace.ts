import type { Clock } from '../ports/clock.ts';

/** Other work waits no longer than this for a long computation, ms. */
const sliceMs = 8;

/** Cuts a long computation into slices. A clock that stands still takes no time for it, and cuts nothing. */
export const createPace = ({ clock }: { clock: Clock }) => {
  let since = clock.now();
  return {
    /** The slice is over. Absolute: the clock may be set back. */
    isDue: (): boolean => Math.abs(clock.now() - since) >= sliceMs,
    /** Lets other work run. */
    async rest(): Promise<void> {
      await clock.sleep(0);
      since = clock.now();
    },
  };
};

export type Pace = ReturnType<typeof createPace>;
