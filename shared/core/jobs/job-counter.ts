import type { Job } from '../../domain/table/items.ts';
import { jobKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step, TransactResult } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { holdsJob } from '../conditions.ts';
import { update } from '../steps.ts';

/** The job's lease was taken over by another worker: this one has to stop. */
export class JobLeaseLost extends Error {
  constructor(job: string) {
    super(`The job ${job} was taken over.`);
    this.name = 'JobLeaseLost';
  }
}

/**
 * Exactly-once counter of what a job does. Acts are counted one after the other, since each writes the totals. After an
 * error the outcome of an act is unknown, and with it the totals: every later act is refused with the same error, and the
 * next run of the job reads them again.
 */
export interface JobCounter {
  counts(): Job['counts'];
  /**
   * Runs an act that commits the given writes in its own transaction, and so counts it exactly once, whatever crashes or
   * lost answers there are. False when the act was refused.
   * @throws JobLeaseLost
   */
  count(
    what: keyof Job['counts'],
    act: (counting: readonly Step[]) => Promise<boolean>,
  ): Promise<boolean>;
  /**
   * Commits the steps and raises the count by `amount`, in one transaction. A refused transaction counts nothing.
   * @throws JobLeaseLost
   */
  commit(
    what: keyof Job['counts'],
    amount: number,
    steps: readonly Step[],
  ): Promise<TransactResult>;
}

/** Creates the counter of one run of a job. */
export const createJobCounter = (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  job: Job,
): JobCounter => {
  const key = jobKey(job.project, job.id);
  let { counts } = job;
  let last: Promise<unknown> = Promise.resolve();

  const inSequence = <T>(act: () => Promise<T>): Promise<T> => {
    const result = last.then(act);
    last = result;
    // The caller gets the error; without a handler here it would count as unhandled, too.
    last.catch(() => {});
    return result;
  };

  const runAndCount = async (
    what: keyof Job['counts'],
    amount: number,
    act: (counting: Step) => Promise<boolean>,
  ): Promise<boolean> => {
    const next = { ...counts, [what]: counts[what] + amount };
    const isDone = await act(update(key, { counts: next }, holdsJob(job.token ?? '')));
    if (isDone) counts = next;
    else if ((await platform.store.get(key))?.token !== job.token) throw new JobLeaseLost(job.id);
    return isDone;
  };

  return {
    counts: () => counts,
    count: (what, act) => inSequence(() => runAndCount(what, 1, (counting) => act([counting]))),
    commit: (what, amount, steps) =>
      inSequence(async () => {
        let result: TransactResult = { committed: false, refusals: [] };
        await runAndCount(what, amount, async (counting) => {
          result = await commit(platform, [...steps, counting]);
          return result.committed;
        });
        return result;
      }),
  };
};
