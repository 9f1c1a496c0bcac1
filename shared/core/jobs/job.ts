import type { Job } from '../../domain/table/items.ts';
import { eventKey, jobKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { holdsJob } from '../conditions.ts';
import { type Deadline, isDeadlineOver } from '../deadline.ts';
import { expireCutoffs } from '../erasure/expire-cutoffs.ts';
import { hints } from '../hints.ts';
import { remove, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { deleteListed } from './delete-listed.ts';
import { deleteTurns } from './delete-turns.ts';
import { createJobCounter, JobLeaseLost } from './job-counter.ts';
import { claimJob, releaseJob, withJobLease } from './job-lease.ts';
import { reindexPage } from './reindex-page.ts';
import { listedIds, type PageResult, pageOf } from './scan-cursor.ts';

/** Ends the job and its event. A delete-all succeeds only when nothing it erased can be read any more, even from the disk. */
const complete = async (platform: Platform, job: Job, counts: Job['counts']): Promise<void> => {
  if (job.kind === 'delete_all') {
    await expireCutoffs(platform, job);
    await platform.store.secureDelete?.();
  }
  const now = platform.clock.now();
  await commit(platform, [
    remove(jobKey(job.project, job.id), holdsJob(job.token ?? '')),
    update(eventKey(job.project, job.id), {
      status: 'SUCCEEDED',
      stage: 'finished',
      counts,
      completedAt: now,
      updatedAt: now,
      ...retention(platform.policy.retainEventsDays, now),
    }),
  ]);
};

/** Listing entries of one page of a delete-all. */
const entriesPerPage = 1_000;

/**
 * Deletes one page of a delete-all: all pages of turns come first, so that none is applied after its memories were
 * scanned. Safe to repeat: each count is written in the transaction that deletes what is counted, and a memory stays
 * listed until all its texts are erased.
 * @throws JobLeaseLost
 */
const deleteAllPage = async (
  platform: Platform,
  job: Job,
  cursor: string | undefined,
): Promise<PageResult> => {
  const page = pageOf(job, cursor);
  if (!page) return { counts: job.counts };
  const { listing, after } = page;
  const counter = createJobCounter(platform, job);
  const entries = await listedIds(platform, listing, after, entriesPerPage);
  await deleteTurns(platform, job, counter, entries.turns);
  await deleteListed(platform, job, counter, entries.memories);
  const following = page.cursorAfter(entries.next);
  return { counts: counter.counts(), ...(following ? { cursor: following } : {}) };
};

const pages = { delete_all: deleteAllPage, reindex: reindexPage };

/** Does one page and saves the position, fenced by the token; undefined when the job is done or its lease is lost. */
const runPage = async (platform: Platform, job: Job): Promise<Job | undefined> => {
  const { project, id, token = '' } = job;
  const { counts, cursor } = await pages[job.kind](platform, job, job.cursor);
  if (cursor === undefined) {
    await complete(platform, job, counts);
    return undefined;
  }
  const { committed } = await commit(platform, [
    update(jobKey(project, id), { cursor, counts }, holdsJob(token)),
  ]);
  return committed ? { ...job, cursor, counts } : undefined;
};

const runPageUnlessLost = async (platform: Platform, job: Job): Promise<Job | undefined> => {
  try {
    return await runPage(platform, job);
  } catch (error) {
    if (!(error instanceof JobLeaseLost)) throw error;
    platform.telemetry.log('info', 'job.lease_lost', { project: job.project, job: job.id });
    return undefined;
  }
};

/**
 * Runs a delete-all or a re-indexing page by page until it is done or the deadline is over, by one worker at a time (lease
 * with a fencing token, renewed by a heartbeat). After a crash the job's due time, which is the end of its lease, makes the
 * sweeper run it again from the page at which it stopped: every page is safe to repeat.
 */
export const runJob = async (
  platform: Platform,
  project: string,
  id: string,
  deadline: Deadline,
): Promise<void> => {
  const key = jobKey(project, id);
  const claimed = await claimJob(platform, { key, project, id }, 'deleting');
  if (!claimed) return;
  const { token = '' } = claimed;
  const unfinished = await withJobLease(platform, key, token, async () => {
    let job: Job | undefined = claimed;
    while (job !== undefined && !isDeadlineOver(platform, deadline))
      job = await runPageUnlessLost(platform, job);
    return job;
  });
  if (unfinished) await releaseJob(platform, key, token, { hint: hints.job(project, id) });
};
