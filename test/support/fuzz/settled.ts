import { setTimeout as sleep } from 'node:timers/promises';

const windowMs = 10;
/** CPU of the whole process, its worker threads included, that an idle process stays below in a window. */
const idleMs = 2;
const idleWindows = 3;
const patienceMs = 60_000;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Resolves once this process has nothing left to do but to wait. */
export const settled = async (): Promise<void> => {
  const until = Date.now() + patienceMs;
  for (let quiet = 0; quiet < idleWindows && Date.now() < until; ) {
    const before = cpuMs();
    await sleep(windowMs);
    quiet = cpuMs() - before < idleMs ? quiet + 1 : 0;
  }
};
