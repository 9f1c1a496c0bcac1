import { setTimeout as sleep } from 'node:timers/promises';

const windowMs = 12;
const idleWindows = 3;
/** Share of a window that an idle event loop is at work at most. */
const idleShare = 0.4;
/** CPU of the other threads in a window of an idle process, in milliseconds. */
const idleMs = 1;
const patienceMs = 60_000;

const cpuOfOthers = (): number => {
  const [all, own] = [process.cpuUsage(), process.threadCpuUsage()];
  return (all.user + all.system - own.user - own.system) / 1_000;
};

/** Resolves once this process has nothing left to do but to wait, however little of the machine it gets. */
export const settled = async (): Promise<void> => {
  const until = Date.now() + patienceMs;
  for (let quiet = 0; quiet < idleWindows && Date.now() < until; ) {
    const [loop, others] = [performance.eventLoopUtilization(), cpuOfOthers()];
    await sleep(windowMs);
    const { utilization } = performance.eventLoopUtilization(loop);
    const isQuiet = utilization < idleShare && cpuOfOthers() - others < idleMs;
    quiet = isQuiet ? quiet + 1 : 0;
  }
};
