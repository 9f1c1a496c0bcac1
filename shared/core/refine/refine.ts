import type { Pending } from '../../domain/table/items.ts';
import { turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import { type Deadline, isDeadlineOver } from '../deadline.ts';
import { enqueueHints, hints } from '../hints.ts';
import { indexMemories } from '../indexing/sync-index.ts';
import { claimScope, type Lease, LeaseLost } from './lease.ts';
import { type ModelAdmission, unlimitedModel } from './model-admission.ts';
import { readPending } from './pending-turns.ts';
import { type Progress, type Run, restAfter, stepOrFail } from './step.ts';

type RefineHint = Extract<Hint, { kind: 'refine' }>;

/** Deadline of a run, and its share of the process it runs in. */
export interface RefineLimits extends Deadline {
  /** Admission to the language model; absent: unlimited. */
  model?: ModelAdmission;
  /** Runs low-priority work beside the run; absent: the run does such work itself before it returns. */
  defer?(work: () => Promise<void>): void;
}

const drain = async (
  platform: Platform,
  lease: Lease,
  limits: RefineLimits,
  run: Run,
): Promise<Progress> => {
  for (;;) {
    if (lease.signal.aborted || isDeadlineOver(platform, limits)) return { state: 'stopped' };
    const progress = await stepOrFail(platform, lease, run);
    if (progress.state !== 'going') return progress;
    if (progress.askedModel && run.model.isContended()) return { state: 'crowded' };
  }
};

/** Drains under one lease and gives it back, also when something fails. */
const drainOnce = async (
  platform: Platform,
  lease: Lease,
  limits: RefineLimits,
  run: Run,
): Promise<Progress> => {
  let progress: Progress | undefined;
  try {
    progress = await drain(platform, lease, limits, run);
    return progress;
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    platform.telemetry.log('info', 'refine.lease_lost', { project: lease.project });
    return { state: 'stopped' };
  } finally {
    await lease.release(restAfter(progress, run));
  }
};

/** Waits for a permit where the oldest turn needs the model, else goes on without one; false: the run is to end. */
const admitted = async (
  { store }: Platform,
  { project, turn: id }: Pending,
  { model }: Run,
): Promise<boolean> => {
  const turn = await store.get(turnKey(project, id));
  return turn?.options.infer ? model.enter() : model.goOnWithout();
};

/** Claims the scope and drains it, again and again, until there is nothing to do now. */
const drainAll = async (
  platform: Platform,
  again: RefineHint,
  limits: RefineLimits,
  run: Run,
): Promise<void> => {
  const { project, scope } = again;
  for (;;) {
    const lease = await claimScope(platform, project, scope, limits.signal);
    if (!lease) return;
    const progress = await drainOnce(platform, lease, limits, run);
    if (progress.state === 'waiting')
      return enqueueHints(platform, [again], progress.notBefore - platform.clock.now());
    const [oldest] = await readPending(platform, project, scope, 1);
    if (!oldest) return;
    const goesOn = progress.state !== 'crowded' || (await admitted(platform, oldest, run));
    if (progress.state === 'stopped' || !goesOn) return enqueueHints(platform, [again]);
  }
};

/**
 * Refines what waits in a scope, oldest first, until nothing does or the budget is spent. Safe to run anywhere at any time,
 * twice at once, and again after a crash at any point: one lease holder works, plans are applied once, and whoever commits
 * a turn after the last look is seen by the look after the release.
 */
export const refineScope = async (
  platform: Platform,
  project: string,
  scope: string,
  limits: RefineLimits,
): Promise<void> => {
  const run: Run = { written: new Set(), model: limits.model ?? unlimitedModel };
  try {
    await drainAll(platform, hints.refine(project, scope), limits, run);
  } finally {
    const index = () => indexMemories(platform, project, [...run.written]);
    if (!limits.defer) await index();
    else if (run.written.size > 0) limits.defer(index);
  }
};
