import type { Job } from '../../domain/table/items.ts';
import { eventKey, jobKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { holdsJob, jobIsFree } from '../conditions.ts';
import { expireCutoffs } from '../erasure/expire-cutoffs.ts';
import { enqueueHints } from '../hint.ts';
import type { Deadline } from '../refine/refine.ts';
import { erase, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { forgetPage } from './forget-page.ts';
import { JobLost } from './job-counter.ts';
import { reindexPage } from './reindex-page.ts';

/** Longer than a page takes; each page renews it. */
const leaseMs = 60_000;

/** Takes the job, as it stands then; undefined when someone else has it or it is done. */
const claimJob = async (
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

/** A delete-all has succeeded when what it erased cannot be read any more, not from the disk either. */
const finish = async (platform: Platform, job: Job, counts: Job['counts']): Promise<void> => {
  if (job.kind === 'forget') {
    await expireCutoffs(platform, job);
    await platform.store.secureDelete?.();
  }
  const now = platform.clock.now();
  await commit(platform, [
    erase(jobKey(job.project, job.id), holdsJob(job.token ?? '')),
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

const pages = { forget: forgetPage, reindex: reindexPage };

/** Works through the pages from where the job stands; true when it is done, false when someone else took it or time is up. */
const workThrough = async (platform: Platform, job: Job, budget: Deadline): Promise<boolean> => {
  let { cursor, counts } = job;
  while (!budget.signal.aborted && platform.clock.now() < budget.deadlineAt) {
    const done = await pages[job.kind](platform, { ...job, counts }, cursor);
    ({ counts, cursor } = done);
    if (cursor === undefined) {
      await finish(platform, job, counts);
      return true;
    }
    const leaseUntil = platform.clock.now() + leaseMs;
    const { committed } = await commit(platform, [
      update(
        jobKey(job.project, job.id),
        { cursor, counts, leaseUntil, dueAt: leaseUntil },
        holdsJob(job.token ?? ''),
      ),
    ]);
    if (!committed) return false;
  }
  return false;
};

/** The same; a job that someone else took over is over for us. */
const runPagesOrLose = async (platform: Platform, job: Job, budget: Deadline): Promise<boolean> => {
  try {
    return await workThrough(platform, job, budget);
  } catch (error) {
    if (!(error instanceof JobLost)) throw error;
    platform.telemetry.log('info', 'job.lease_lost', { project: job.project, job: job.id });
    return true;
  }
};

/**
 * Runs a durable job until it is done or the budget is spent. Every page can be repeated; a crash resumes at the page it
 * happened in once the lease has run out.
 */
export const runJob = async (
  platform: Platform,
  project: string,
  id: string,
  budget: Deadline,
): Promise<void> => {
  const job = await claimJob(platform, project, id);
  if (!job || (await runPagesOrLose(platform, job, budget))) return;
  const now = platform.clock.now();
  const { committed } = await commit(platform, [
    update(jobKey(project, id), { leaseUntil: now, dueAt: now }, holdsJob(job.token ?? '')),
  ]);
  if (committed) await enqueueHints(platform, [{ v: 1, kind: 'job', project, job: id }]);
};
