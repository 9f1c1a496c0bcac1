import type { Job } from '../../domain/table/items.ts';
import { jobKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { holdsJob } from '../conditions.ts';
import { update } from '../steps.ts';

/** The job's lease was taken over by another worker: this one has to stop. */
export class JobLeaseLost extends Error {
  constructor(job: string) {
    super(`The job ${job} was taken over.`);
    this.name = 'JobLeaseLost';
  }
}

/** Exactly-once counter of what a job does. */
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
}

export const createJobCounter = ({ store }: Pick<Platform, 'store'>, job: Job): JobCounter => {
  const key = jobKey(job.project, job.id);
  let counts = job.counts;
  return {
    counts: () => counts,
    async count(what, act) {
      const next = { ...counts, [what]: counts[what] + 1 };
      const isDone = await act([update(key, { counts: next }, holdsJob(job.token ?? ''))]);
      if (isDone) counts = next;
      else if ((await store.get(key))?.token !== job.token) throw new JobLeaseLost(job.id);
      return isDone;
    },
  };
};
