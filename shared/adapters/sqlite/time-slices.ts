/** Longest time that SQLite, which is synchronous, blocks one tick of the event loop, ms. */
const sliceMs = 10;

/** Cooperative scheduling of a database's reads over ticks of the event loop. */
export interface TimeSlices {
  /**
   * Runs `work` at once, or in a later tick if the slice of this tick is used up or other work is queued. Queued work
   * runs in FIFO order, each piece after the caller of the previous one has continued.
   */
  run<T>(work: () => T): Promise<T>;
  /** Runs a computation to its end like `run`, in as many pieces as it takes: a piece ends at a step after its slice. */
  runSteps<T>(steps: Generator<undefined, T>): Promise<T>;
}

/** Creates the time slices of one database. */
export const createTimeSlices = (): TimeSlices => {
  const queue: (() => void)[] = [];
  let startedAt: number | undefined;

  const isUsedUp = (): boolean => {
    if (startedAt !== undefined) return performance.now() - startedAt > sliceMs;
    startedAt = performance.now();
    setImmediate(startSlice);
    return false;
  };

  const startSlice = (): void => {
    startedAt = undefined;
    drain();
  };

  const drain = (): void => {
    if (queue.length === 0 || isUsedUp()) return;
    queue.shift()?.();
    // Microtasks run first, so that the caller continues before the next piece of work.
    queueMicrotask(() => process.nextTick(drain));
  };

  const run = async <T>(work: () => T): Promise<T> => {
    if (queue.length > 0 || isUsedUp()) await new Promise<void>((resolve) => queue.push(resolve));
    return work();
  };

  return {
    run,
    async runSteps(steps) {
      for (;;) {
        const { done, value } = await run(() => {
          let step = steps.next();
          while (!step.done && !isUsedUp()) step = steps.next();
          return step;
        });
        if (done) return value;
      }
    },
  };
};
