import { toErrorInfo } from '../../domain/errors.ts';
import type { Job } from '../../domain/table/items.ts';
import { eventKey, jobKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { holdsJob, jobIsFree } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { update } from '../steps.ts';

/**
 * Length of a job's lease. The heartbeat renews the lease every third of that time, so two renewals may fail. After a crash another
 * worker can take the job when the lease ends.
 */
const leaseMs = 60_000;

/** Takes the lease; undefined when another worker holds the lease or the job is done. A crash leaves the end of the lease. */
export const claimJob = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<Job | undefined> => {
  const now = platform.clock.now();
  const token = platform.ids.next();
  const leaseUntil = now + leaseMs;
  const { committed } = await commit(platform, [
    update(jobKey(project, id), { token, leaseUntil, dueAt: leaseUntil }, jobIsFree(now)),
    update(eventKey(project, id), {
      status: 'RUNNING',
      stage: 'deleting',
      startedAt: now,
      updatedAt: now,
    }),
  ]);
  const job = committed ? await platform.store.get(jobKey(project, id)) : undefined;
  return job?.token === token ? job : undefined;
};

/** Renews the lease every third of its length until `end` aborts, or until the lease was taken over. */
const heartbeat = async (
  platform: Platform,
  { project, id, token = '' }: Job,
  end: AbortController,
): Promise<void> => {
  for (;;) {
    await platform.clock.sleep(leaseMs / 3, end.signal);
    if (end.signal.aborted) return;
    try {
      const leaseUntil = platform.clock.now() + leaseMs;
      const renewal = { leaseUntil, dueAt: leaseUntil };
      const step = update(jobKey(project, id), renewal, holdsJob(token));
      if (!(await commit(platform, [step])).committed) return;
    } catch (error) {
      platform.telemetry.log('warn', 'job.heartbeat_failed', { code: toErrorInfo(error).code });
    }
  }
};

/**
 * Runs `work` and renews the lease meanwhile, so that a page may take longer than the lease. When the lease was lost all the
 * same, the fencing token refuses the writes of this worker.
 */
export const withJobLease = async <T>(
  platform: Platform,
  job: Job,
  work: () => Promise<T>,
): Promise<T> => {
  const end = new AbortController();
  const beating = heartbeat(platform, job, end);
  try {
    return await work();
  } finally {
    end.abort();
    await beating;
  }
};

/** Gives the lease back and enqueues a hint, so that another run continues at once. Conditional on the lease. */
export const releaseJob = async (
  platform: Platform,
  { project, id, token = '' }: Job,
): Promise<void> => {
  const now = platform.clock.now();
  const { committed } = await commit(platform, [
    update(jobKey(project, id), { leaseUntil: now, dueAt: now }, holdsJob(token)),
  ]);
  if (committed) await enqueueHints(platform, [hints.job(project, id)]);
};
