import { setImmediate as nextIteration } from 'node:timers/promises';
import { atNominalSpeed } from '../machine-speed.ts';

export interface LoopMeter {
  start(): void;
  /** CPU of the longest event loop iteration since the last call, in ms at the speed that the limits are given for. */
  read(): Promise<number>;
  stop(): void;
}

const totalMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

/**
 * Measures the CPU of this thread's event loop iterations. CPU of the thread rather than time, so that a busy machine and
 * other threads (workers, compiler, garbage collector) do not matter. A timer of one millisecond sees every longer
 * iteration and costs an idle process less than a hook in each iteration.
 */
export const createLoopMeter = (): LoopMeter => {
  let last = process.threadCpuUsage();
  let longest = 0;
  let timer: NodeJS.Timeout | undefined;

  const sample = (): void => {
    const now = process.threadCpuUsage();
    longest = Math.max(longest, totalMs(now) - totalMs(last));
    last = now;
  };

  return {
    start() {
      last = process.threadCpuUsage();
      timer = setInterval(sample, 1);
      timer.unref();
    },
    async read() {
      sample();
      const read = atNominalSpeed(longest);
      longest = 0;
      await nextIteration();
      last = process.threadCpuUsage();
      return read;
    },
    stop: () => clearInterval(timer),
  };
};
