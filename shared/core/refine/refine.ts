import type { PendingTurn } from '../../domain/table/items.ts';
import { turnKey } from '../../domain/table/keys.ts';
import { scopeTasksKey } from '../../domain/table/processing-keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import { type Deadline, isDeadlineOver } from '../deadline.ts';
import { enqueueHints, hints } from '../hints.ts';
import { indexWritten, type Written } from '../indexing/index-written.ts';
import { findRelease } from '../processing/find-release.ts';
import { claimScope, type Lease, LeaseLost } from './lease.ts';
import { type ModelAdmission, unlimitedModel } from './model-admission.ts';
import { readPending } from './pending-turns.ts';
import { type Progress, type Run, refineBatchOrFail, waitAfter } from './refine-batch.ts';

type RefineHint = Extract<Hint, { kind: 'refine' }>;

/** Deadline of a run, and its share of the process it runs in. */
export interface RefineLimits extends Deadline {
  /** Admission to the language model; absent: unlimited. */
  model?: ModelAdmission;
  /**
   * Lets other runs that wait for a slot go first, and waits for another slot; at once where none waits. False when the run has to end.
   */
  giveWay?(): Promise<boolean>;
  /** Schedules low-priority work that may end after the run; absent: the run does such work before it returns. */
  defer?(work: () => Promise<void>): void;
  /** Takes what the run wrote, to be indexed together with what other runs wrote; absent: the run has it indexed by itself. */
  indexLater?(written: Written): void;
}

/** Refines batches until no turn is pending or the run has to end. */
const drainScope = async (
  platform: Platform,
  lease: Lease,
  limits: RefineLimits,
  run: Run,
): Promise<Progress> => {
  for (;;) {
    if (lease.signal.aborted || isDeadlineOver(platform, limits)) return { state: 'stopped' };
    const progress = await refineBatchOrFail(platform, lease, run);
    if (progress.state !== 'continue') return progress;
    if (progress.askedModel && run.model.isContended()) return { state: 'contended' };
  }
};

/** Drains the scope under one lease and releases it, also after an exception. */
const drainUnderLease = async (
  platform: Platform,
  lease: Lease,
  limits: RefineLimits,
  run: Run,
): Promise<Progress> => {
  let progress: Progress | undefined;
  try {
    progress = await drainScope(platform, lease, limits, run);
    return progress;
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    platform.telemetry.log('info', 'refine.lease_lost', { project: lease.project });
    return { state: 'stopped' };
  } finally {
    await lease.release(waitAfter(progress, run));
  }
};

/** Waits for admission to the model if the oldest turn needs it. False when the run has to end. */
const waitForAdmission = async (
  { store }: Platform,
  { project, turn: id }: PendingTurn,
  { model }: Run,
): Promise<boolean> => {
  const turn = await store.get(turnKey(project, id));
  return turn?.options.infer ? model.enter() : model.exit();
};

/** Whether all pending turns of the scope wait for further ones, or for a request. */
const isOnHold = async (platform: Platform, oldest: PendingTurn): Promise<boolean> => {
  if (!oldest.hold) return false;
  const { project, scope } = oldest;
  const tasks = await platform.store.get(scopeTasksKey(project, scope));
  return (await findRelease(platform, project, scope, tasks)).through === undefined;
};

/** Whether another run goes on: later, or one that may read files. Hints at it. */
const isLeftToOthers = async (
  platform: Platform,
  hint: RefineHint,
  progress: Progress,
): Promise<boolean> => {
  if (progress.state === 'waiting')
    await enqueueHints(platform, [hint], progress.notBefore - platform.clock.now());
  else if (progress.state === 'unread') await enqueueHints(platform, [{ ...hint, files: true }]);
  else return false;
  return true;
};

/** Claims and drains the scope until nothing can be done now. Turns left over are hinted at before the run ends. */
const drainAll = async (
  platform: Platform,
  hint: RefineHint,
  limits: RefineLimits,
  run: Run,
): Promise<void> => {
  const { project, scope } = hint;
  for (;;) {
    const lease = await claimScope(platform, project, scope, limits.signal);
    if (!lease) return;
    const progress = await drainUnderLease(platform, lease, limits, run);
    if (await isLeftToOthers(platform, hint, progress)) return;
    // Read after the release: the hint of a turn committed before may have found the scope claimed, and relies on this read.
    const [oldest] = await readPending(platform, project, scope, 1);
    if (!oldest || (await isOnHold(platform, oldest))) return;
    const isAdmitted =
      progress.state !== 'contended' || (await waitForAdmission(platform, oldest, run));
    if (progress.state === 'stopped' || !isAdmitted) return enqueueHints(platform, [hint]);
  }
};

/**
 * Refines the pending turns of a scope, oldest first, until none is left or the deadline is over. Safe to run anywhere,
 * concurrently, and again after a crash at any point: one worker holds the scope's lease, each plan is applied once, and
 * no wake-up is lost, since pending turns are read again after the lease was released.
 */
export const refineScope = async (
  platform: Platform,
  project: string,
  scope: string,
  limits: RefineLimits,
): Promise<void> => {
  const run: Run = {
    changedMemories: new Set(),
    appliedTurns: new Set(),
    leftToUpkeep: new Map(),
    model: limits.model ?? unlimitedModel,
  };
  try {
    await drainAll(platform, hints.refine(project, scope), limits, run);
  } finally {
    const written: Written = {
      project,
      memories: [...run.changedMemories],
      turns: [...run.appliedTurns],
      left: [...run.leftToUpkeep].map(([turn, memories]) => ({ turn, memories })),
    };
    const index = () => indexWritten(platform, written);
    if (run.appliedTurns.size + run.leftToUpkeep.size > 0) {
      if (limits.indexLater) limits.indexLater(written);
      else if (limits.defer) limits.defer(index);
      else await index();
    }
  }
};
