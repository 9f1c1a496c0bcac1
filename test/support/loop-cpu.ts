import { setImmediate, setTimeout } from 'node:timers/promises';

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Measures the CPU of this thread per event loop iteration, independent of other processes. */
export const watchLoop = () => {
  let longest = 0;
  let isOver = false;
  const watching = (async () => {
    let before = cpuMs();
    while (!isOver) {
      await setTimeout(1);
      await setImmediate();
      const now = cpuMs();
      longest = Math.max(longest, now - before);
      before = now;
    }
  })();
  return {
    /** Longest iteration since the last call, in ms of CPU. */
    longest(): number {
      const found = longest;
      longest = 0;
      return found;
    },
    async close(): Promise<void> {
      isOver = true;
      await watching;
    },
  };
};
