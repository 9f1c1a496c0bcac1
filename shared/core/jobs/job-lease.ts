import { toErrorInfo } from '../../domain/errors.ts';
import type { Stage } from '../../domain/memory/event.ts';
import type { Item, Key } from '../../domain/table/items.ts';
import { eventKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import { commit } from '../commit.ts';
import { holdsJob, jobIsFree } from '../conditions.ts';
import { enqueueHints } from '../hints.ts';
import { update } from '../steps.ts';

/**
 * Length of a job's lease. The heartbeat renews the lease every third of that time, so two renewals may fail. After a crash another
 * worker can take the job when the lease ends.
 */
const leaseMs = 60_000;

type JobKind = 'JOB' | 'DERIVE';

/** Where a job and its event are stored. */
export interface JobPlace<K extends JobKind> {
  key: Key<K>;
  project: string;
  id: string;
}

/** Takes the lease; undefined when another worker holds the lease or the job is done. A crash leaves the end of the lease. */
export const claimJob = async <K extends JobKind>(
  platform: Platform,
  { key, project, id }: JobPlace<K>,
  stage: Stage,
): Promise<Item<K> | undefined> => {
  const now = platform.clock.now();
  const token = platform.ids.next();
  const leaseUntil = now + leaseMs;
  const { committed } = await commit(platform, [
    update<JobKind>(key, { token, leaseUntil, dueAt: leaseUntil }, jobIsFree(now)),
    update(eventKey(project, id), {
      status: 'RUNNING',
      stage,
      startedAt: now,
      updatedAt: now,
    }),
  ]);
  const job = committed ? await platform.store.get(key) : undefined;
  return job?.token === token ? job : undefined;
};

/** Renews the lease every third of its length until `end` aborts, or until the lease was taken over. */
const heartbeat = async (
  platform: Platform,
  key: Key<JobKind>,
  token: string,
  end: AbortController,
): Promise<void> => {
  for (;;) {
    await platform.clock.sleep(leaseMs / 3, end.signal);
    if (end.signal.aborted) return;
    try {
      const leaseUntil = platform.clock.now() + leaseMs;
      const renewal = { leaseUntil, dueAt: leaseUntil };
      const step = update(key, renewal, holdsJob(token));
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
  key: Key<JobKind>,
  token: string,
  work: () => Promise<T>,
): Promise<T> => {
  const end = new AbortController();
  const beating = heartbeat(platform, key, token, end);
  try {
    return await work();
  } finally {
    end.abort();
    await beating;
  }
};

/**
 * Gives the lease back and enqueues a hint, so that another run continues after `pauseMs`, at once by default. Conditional on the
 * lease.
 */
export const releaseJob = async (
  platform: Platform,
  key: Key<JobKind>,
  token: string,
  { hint, pauseMs = 0 }: { hint: Hint; pauseMs?: number },
): Promise<void> => {
  const now = platform.clock.now();
  const { committed } = await commit(platform, [
    update(key, { leaseUntil: now, dueAt: now + pauseMs }, holdsJob(token)),
  ]);
  if (committed) await enqueueHints(platform, [hint], pauseMs);
};
