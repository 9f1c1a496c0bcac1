import { setImmediate as nextTurn } from 'node:timers/promises';

export interface LoopMeter {
  start(): void;
  /** CPU of the longest turn of the event loop since the last reading, in milliseconds; begins anew. */
  read(): Promise<number>;
  stop(): void;
}

const totalMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

/**
 * Measures what this thread's turns of the event loop take of the CPU. CPU of the thread, not time: a busy machine and
 * other threads (workers, compilers, garbage collectors) change nothing. A timer of one millisecond sees every turn that
 * is longer than that, and costs an idle process less than looking at each.
 */
export const createLoopMeter = (): LoopMeter => {
  let last = process.threadCpuUsage();
  let longest = 0;
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const now = process.threadCpuUsage();
    longest = Math.max(longest, totalMs(now) - totalMs(last));
    last = now;
  };

  return {
    start() {
      last = process.threadCpuUsage();
      timer = setInterval(look, 1);
      timer.unref();
    },
    async read() {
      look();
      const read = longest;
      longest = 0;
      await nextTurn();
      last = process.threadCpuUsage();
      return read;
    },
    stop: () => clearInterval(timer),
  };
};
