import type { Derivation } from '../../domain/derived/derived.ts';
import type { ErrorInfo } from '../../domain/errors.ts';
import { derivationKey, exportKey } from '../../domain/table/derived-keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { isDeadlineOver } from '../deadline.ts';
import { hints } from '../hints.ts';
import { claimJob, releaseJob, withJobLease } from '../jobs/job-lease.ts';
import { spentBudget } from '../model-budget.ts';
import { unlimitedModel } from '../refine/model-admission.ts';
import type { RefineLimits } from '../refine/refine.ts';
import type { FillLimits } from './by-model.ts';
import { endWrites, failExport, type StepResult, stepExport } from './make-export.ts';
import { stepProfiles } from './make-profiles.ts';

const hourMs = 3_600_000;

const expired: ErrorInfo = {
  code: 'model_gave_up',
  message: 'The work could not be done in time: the language model or the index did not answer.',
  retryable: true,
};

/** Ends a job that has waited for as long as a turn waits for the language model. */
const giveUp = async (platform: Platform, job: Derivation): Promise<StepResult> => {
  const { project, id, task } = job;
  if (task.makes === 'export') {
    const record = await platform.store.get(exportKey(project, id));
    return failExport(platform, job, record, expired);
  }
  await commit(platform, endWrites(platform, job, expired));
  return { state: 'over' };
};

const step = async (
  platform: Platform,
  job: Derivation,
  limits: FillLimits,
): Promise<StepResult> => {
  const { task } = job;
  const isLate = platform.clock.now() > job.createdAt + platform.policy.modelGiveUpHours * hourMs;
  // Nothing that waits for a budget is given up.
  if (isLate && !(await spentBudget(platform, job.project))) return giveUp(platform, job);
  return task.makes === 'export'
    ? stepExport(platform, { ...job, task }, limits)
    : stepProfiles(platform, { ...job, task }, limits);
};

/**
 * Runs a job that makes an export or profiles, step by step, until it is done, has to wait, or the deadline is over; by one worker at
 * a time (lease with a fencing token, renewed by a heartbeat). After a crash the job's due time, which is the end of its lease,
 * makes the sweeper run the job again: every step is safe to repeat.
 */
export const runDerivation = async (
  platform: Platform,
  project: string,
  id: string,
  limits: RefineLimits,
): Promise<void> => {
  const key = derivationKey(project, id);
  const claimed = await claimJob(platform, { key, project, id }, 'deriving');
  if (!claimed) return;
  const { token = '' } = claimed;
  const { signal, model = unlimitedModel, giveWay = async () => true } = limits;
  const result = await withJobLease(platform, key, token, async () => {
    let last: StepResult = { state: 'more' };
    while (last.state === 'more' && !isDeadlineOver(platform, limits)) {
      const job = await platform.store.get(key);
      // Another worker took the lease, or ended the job.
      if (job?.token !== token) return undefined;
      last = await step(platform, job, { project, signal, model, giveWay });
      if (last.state === 'more' && !(await giveWay())) return { state: 'waits', ms: 0 };
    }
    return last;
  });
  if (!result || result.state === 'over') return;
  const pauseMs = result.state === 'waits' ? result.ms : 0;
  await releaseJob(platform, key, token, { hint: hints.derive(project, id), pauseMs });
};
