import { setTimeout as sleep } from 'node:timers/promises';

const windowMs = 12;
const idleWindows = 3;
/** Highest utilization of an idle event loop in a window. */
const idleShare = 0.4;
/** CPU of the other threads of an idle process in a window, in milliseconds. */
const idleMs = 1;
const timeoutMs = 240_000;

const cpuOfOthers = (): number => {
  const [all, own] = [process.cpuUsage(), process.threadCpuUsage()];
  return (all.user + all.system - own.user - own.system) / 1_000;
};

/** Resolves once this process is idle, on a busy machine too, or after four minutes. */
export const waitUntilIdle = async (): Promise<void> => {
  const until = Date.now() + timeoutMs;
  for (let idleCount = 0; idleCount < idleWindows && Date.now() < until; ) {
    const [loop, others] = [performance.eventLoopUtilization(), cpuOfOthers()];
    await sleep(windowMs);
    const { utilization } = performance.eventLoopUtilization(loop);
    const isIdle = utilization < idleShare && cpuOfOthers() - others < idleMs;
    idleCount = isIdle ? idleCount + 1 : 0;
  }
};
