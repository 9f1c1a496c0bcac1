import { atNominalSpeed } from './machine-speed.ts';

/** CPU of this thread so far in ms, independent of other processes. */
const spent = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/**
 * Result of `run` and its CPU in ms, an upper bound of every event loop iteration in it. Best of three runs, because the
 * first one also compiles the code.
 */
export const cpuOf = async <T>(run: () => Promise<T>): Promise<{ answer: T; ms: number }> => {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 1; ; tries++) {
    const before = spent();
    const answer = await run();
    best = Math.min(best, atNominalSpeed(spent() - before));
    if (tries === 3) return { answer, ms: best };
  }
};
