import { setImmediate as nextTurn } from 'node:timers/promises';

const spentMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Runs `work`; the most CPU, in ms, that this thread spent in one turn of the event loop meanwhile. */
export const mostCpuInOneTurn = async (work: () => Promise<unknown>): Promise<number> => {
  let isOver = false;
  let most = 0;
  const watch = async (): Promise<void> => {
    for (let before = spentMs(); !isOver; ) {
      await nextTurn();
      const now = spentMs();
      most = Math.max(most, now - before);
      before = now;
    }
  };
  const watched = watch();
  await work();
  isOver = true;
  await watched;
  return most;
};
