import { parentPort } from 'node:worker_threads';
import { atNominalSpeed } from '../machine-speed.ts';
import { attacksOn } from './attacks.ts';
import type { FoundRegex } from './find-regexes.ts';

/** Worst input of an expression, with its CPU time. Worker entry: replies with one for each expression. */
export interface Worst {
  ms: number;
  input: string;
}

/** CPU time in ms below which a text of five times the length takes less than 50 ms, even in cubic time. */
const suspicious = 0.4;

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

const took = (work: () => unknown): number => {
  const before = cpuMs();
  work();
  return cpuMs() - before;
};

/** Minimum of several runs: the first may compile, and any may include a garbage collection. */
const timeOf = (work: () => unknown, limit: number): number => {
  let best = took(work);
  for (let again = 0; again < 2 && best > limit; again += 1) best = Math.min(best, took(work));
  return best;
};

const operationsOn = ({ source, flags, splits }: FoundRegex) => {
  const regex = new RegExp(source, flags);
  return (input: string): unknown => {
    regex.lastIndex = 0;
    if (splits) return input.split(regex);
    return regex.global ? input.replace(regex, '') : regex.test(input);
  };
};

parentPort?.on('message', ({ regex, limit }: { regex: FoundRegex; limit: number }) => {
  const run = operationsOn(regex);
  let worst: Worst = { ms: 0, input: '' };
  for (const { short, long } of attacksOn(regex.source, regex.flags)) {
    const input = `${short.slice(0, 80)}…${short.slice(-20)}`;
    parentPort?.postMessage({ trying: input });
    const first = timeOf(() => run(short), suspicious);
    if (first <= suspicious) continue;
    const ms = atNominalSpeed(first > limit ? first : timeOf(() => run(long), limit));
    if (ms > worst.ms) worst = { ms, input };
    if (ms > limit) break;
  }
  parentPort?.postMessage({ worst });
});
