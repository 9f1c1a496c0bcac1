import { setImmediate, setTimeout } from 'node:timers/promises';
import { atNominalSpeed } from './machine-speed.ts';

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/**
 * Runs an act until `isBelow` holds for its result, at most four times. Returns the last result. A block that the code causes
 * recurs in every run; compilation, garbage collection and a slow phase of the machine do not.
 */
export const retryMeasurement = async <T>(
  act: (round: number) => Promise<T>,
  isBelow: (measured: T) => boolean,
): Promise<T> => {
  for (let round = 1; ; round++) {
    const measured = await act(round);
    if (round === 4 || isBelow(measured)) return measured;
  }
};

/** Measures the CPU of this thread per event loop iteration, independent of other processes. */
export const watchLoop = () => {
  let longest = 0;
  let isOver = false;
  let before = cpuMs();
  const watching = (async () => {
    while (!isOver) {
      await setTimeout(1);
      await setImmediate();
      const now = cpuMs();
      longest = Math.max(longest, now - before);
      before = now;
    }
  })();
  return {
    /** Longest iteration since the last call, in ms of CPU at the speed that the limits are given for. */
    longest(): number {
      const found = atNominalSpeed(longest);
      longest = 0;
      before = cpuMs();
      return found;
    },
    async close(): Promise<void> {
      isOver = true;
      await watching;
    },
  };
};
