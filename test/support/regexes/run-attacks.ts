import { Worker } from 'node:worker_threads';
import type { FoundRegex } from './find-regexes.ts';
import type { Worst } from './fuzz-child.ts';

/** Time without a report after which an expression counts as endless backtracking. */
const timeoutMs = 10_000;

interface Trial {
  take(report: { trying: string } | { worst: Worst }): void;
  fail(error: unknown): void;
}

/** Runs expressions against hostile inputs in a worker thread, which is terminated when one hangs. */
export const createAttacker = () => {
  let worker: Worker | undefined;
  let trial: Trial | undefined;

  const start = (): Worker => {
    const started = new Worker(new URL('./fuzz-child.ts', import.meta.url), { execArgv: [] });
    started.on('message', (report) => trial?.take(report));
    started.on('error', (error) => trial?.fail(error));
    return started;
  };

  const end = async (): Promise<void> => {
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  };

  return {
    /** Worst input with its CPU time. The first input over the limit, in ms, ends the search. */
    worstOf: async (regex: FoundRegex, limit: number): Promise<Worst> => {
      const { promise, resolve, reject } = Promise.withResolvers<Worst>();
      let input = '';
      const hang = () => resolve({ ms: Number.POSITIVE_INFINITY, input });
      let timeout = setTimeout(hang, timeoutMs);
      trial = {
        take(report) {
          clearTimeout(timeout);
          if ('worst' in report) return resolve(report.worst);
          input = report.trying;
          timeout = setTimeout(hang, timeoutMs);
        },
        fail: reject,
      };
      worker ??= start();
      worker.postMessage({ regex, limit });
      const worst = await promise;
      trial = undefined;
      if (!Number.isFinite(worst.ms)) await end();
      return worst;
    },
    close: end,
  };
};
