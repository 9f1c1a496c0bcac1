import { Worker } from 'node:worker_threads';
import type { FoundRegex } from './find-regexes.ts';
import type { Worst } from './fuzz-child.ts';

/** An expression that says nothing for so long is lost in backtracking, ms. */
const patienceMs = 20_000;

/** Runs expressions against inputs made for each, in a thread that is ended when one hangs. */
export const createAttacker = () => {
  let worker: Worker | undefined;

  const end = async (): Promise<void> => {
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  };

  return {
    /** The worst input, and the CPU time it took; the first over the limit, ms, ends the search. */
    worstOf: async (regex: FoundRegex, limit: number): Promise<Worst> => {
      worker ??= new Worker(new URL('./fuzz-child.ts', import.meta.url));
      const { promise, resolve, reject } = Promise.withResolvers<Worst>();
      let input = '';
      const hang = () => {
        void end();
        resolve({ ms: Number.POSITIVE_INFINITY, input });
      };
      let patience = setTimeout(hang, patienceMs);
      const take = (report: { trying: string } | { worst: Worst }) => {
        clearTimeout(patience);
        if ('worst' in report) return resolve(report.worst);
        input = report.trying;
        patience = setTimeout(hang, patienceMs);
      };
      worker.on('message', take);
      worker.once('error', reject);
      worker.postMessage({ regex, limit });
      try {
        return await promise;
      } finally {
        worker?.removeAllListeners();
      }
    },
    close: end,
  };
};
