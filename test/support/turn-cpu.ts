import { setImmediate as nextTurn } from 'node:timers/promises';
import { atNominalSpeed } from './machine-speed.ts';

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
  return atNominalSpeed(max);
};

/**
 * Answer of `work` and the CPU in ms of its longest event loop iteration. Best of four runs, because the first ones also
 * compile the code.
 */
export const blockOf = async <T>(work: () => Promise<T>): Promise<{ answer: T; ms: number }> => {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 1; ; tries++) {
    const answers: T[] = [];
    const ms = await maxIterationCpu(async () => {
      answers.push(await work());
    });
    best = Math.min(best, ms);
    const [answer] = answers;
    if (tries === 4) return { answer: answer as T, ms: best };
  }
};
