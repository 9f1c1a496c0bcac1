import type { Job } from '../../domain/table/items.ts';
import { jobKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { holdsJob } from '../conditions.ts';
import { update } from '../steps.ts';

/** Someone else works on the job now: whoever did before must stop. */
export class JobLost extends Error {
  constructor(job: string) {
    super(`The job ${job} was taken over.`);
    this.name = 'JobLost';
  }
}

/** Counts what a job does. */
export interface JobCounter {
  counts(): Job['counts'];
  /**
   * Has something done together with the step that counts it; false when it was refused.
   * @throws JobLost
   */
  count(
    what: keyof Job['counts'],
    act: (counting: readonly Step[]) => Promise<boolean>,
  ): Promise<boolean>;
}

/** Each deed is counted in its own transaction: neither a crash nor a lost answer makes the sum wrong. */
export const createJobCounter = ({ store }: Platform, job: Job): JobCounter => {
  const key = jobKey(job.project, job.id);
  let counts = job.counts;
  return {
    counts: () => counts,
    async count(what, act) {
      const next = { ...counts, [what]: counts[what] + 1 };
      const isDone = await act([update(key, { counts: next }, holdsJob(job.token ?? ''))]);
      if (isDone) counts = next;
      else if ((await store.get(key))?.token !== job.token) throw new JobLost(job.id);
      return isDone;
    },
  };
};
