import type { CorePlatform } from '../../ports/platform.ts';
import { type Deadline, isDeadlineOver } from '../deadline.ts';

/** Lease of a job, longer than a page takes: set by the claim, renewed by every page. */
export const jobLeaseMs = 60_000;

/** A durable job: work in pages, resumable at any of them, by one worker at a time (lease with a fencing token). */
export interface LeasedJob<T> {
  /** Takes the lease; undefined when another worker holds it or the job is done. */
  claim(): Promise<T | undefined>;
  /** Does one page and renews the lease, both fenced by the token; undefined when the job is done or its lease is lost. */
  page(job: T): Promise<T | undefined>;
  /** Gives the lease back and enqueues a hint, so that another run continues at once. */
  release(job: T): Promise<void>;
}

/**
 * Runs a job page by page until it is done or the deadline is over. After a crash the job's due time, which is the end of
 * its lease, makes the sweeper run it again from the page at which it stopped: `page` has to be safe to repeat.
 */
export const runLeasedJob = async <T>(
  platform: Pick<CorePlatform, 'clock'>,
  deadline: Deadline,
  { claim, page, release }: LeasedJob<T>,
): Promise<void> => {
  for (let job = await claim(); job !== undefined; job = await page(job))
    if (isDeadlineOver(platform, deadline)) return release(job);
};
