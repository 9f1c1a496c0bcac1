import { setImmediate as nextTurn } from 'node:timers/promises';

const spentMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Runs `work` and returns the CPU in ms of the longest event loop iteration of this thread meanwhile. */
export const maxIterationCpu = async (work: () => Promise<unknown>): Promise<number> => {
  let isOver = false;
  let max = 0;
  const watch = async (): Promise<void> => {
    for (let before = spentMs(); !isOver; ) {
      await nextTurn();
      const now = spentMs();
      max = Math.max(max, now - before);
      before = now;
    }
  };
  const watched = watch();
  await work();
  isOver = true;
  await watched;
  return max;
};
