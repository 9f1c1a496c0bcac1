/** What SQLite may take of a turn of the event loop, in milliseconds: it answers at once, and everybody waits with it. */
const shareMs = 10;

/** How the work of a database is spread over turns of the event loop. */
export interface LoopShare {
  /**
   * Runs `work`, now or, when this turn of the event loop has had its share or others wait for theirs, in a later turn.
   * Work that has to wait is run in the order in which it came, each piece after its caller has gone on from the last.
   */
  run<T>(work: () => T): Promise<T>;
}

export const createLoopShare = (): LoopShare => {
  const waiting: (() => void)[] = [];
  let began: number | undefined;

  const isOver = (): boolean => {
    if (began !== undefined) return performance.now() - began > shareMs;
    began = performance.now();
    setImmediate(nextTurn);
    return false;
  };

  const nextTurn = (): void => {
    began = undefined;
    drain();
  };

  const drain = (): void => {
    if (waiting.length === 0 || isOver()) return;
    waiting.shift()?.();
    // Microtasks first: whoever waited goes on before the next one gets its turn.
    queueMicrotask(() => process.nextTick(drain));
  };

  return {
    async run(work) {
      if (waiting.length > 0 || isOver())
        await new Promise<void>((resolve) => waiting.push(resolve));
      return work();
    },
  };
};
