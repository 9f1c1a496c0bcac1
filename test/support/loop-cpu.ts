import { setImmediate, setTimeout } from 'node:timers/promises';

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** CPU time of this thread, whatever else the machine does, between turns of the event loop. */
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
    /** The longest so far, ms; begins anew. */
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
