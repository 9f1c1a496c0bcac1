import { faultOf } from '../../domain/errors.ts';
import { headKey, planKey } from '../../domain/keys.ts';
import { endOutboxId } from '../../domain/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { holdsLease } from '../conditions.ts';
import { hint } from '../hint.ts';
import { indexMemories } from '../indexing/index-memory.ts';
import { check, erase } from '../steps.ts';
import { apply } from './apply.ts';
import { decide } from './decide.ts';
import { figuresOf } from './figures.ts';
import { giveUp } from './give-up.ts';
import { claimScope, type Lease, LeaseLost } from './lease.ts';
import { readPending, readWork, type Work } from './work.ts';

/** Until when to work: no new batch is begun after `deadlineAt` (ms since 1970), which may come nearer meanwhile, or once `signal` aborts. */
export interface Budget {
  deadlineAt: number;
  signal: AbortSignal;
}

/** Most turns decided together: their plans fit one transaction. */
const maxBatch = 32;

type Progress =
  | { state: 'going' }
  | { state: 'drained' }
  | { state: 'stopped' }
  | { state: 'waiting'; until: number };

const sizeOf = ({ turn }: Work): number =>
  turn.messages.reduce((sum, message) => sum + message.content.length, 0);

/** The oldest turns that can be decided in one call. One that failed before goes alone: it may be why. */
const nextBatch = (platform: Platform, work: readonly Work[]): Work[] => {
  const { turns, characters } = platform.languageModel.batch;
  const [oldest] = work;
  if (!oldest || oldest.pending.failures > 0) return work.slice(0, 1);
  const most = Math.min(turns, maxBatch);
  const batch: Work[] = [];
  let size = 0;
  for (const item of work.slice(0, most)) {
    size += sizeOf(item);
    const fits = batch.length === 0 || size <= characters;
    if (!fits || item.plan || item.turn.options.infer !== oldest.turn.options.infer) break;
    batch.push(item);
  }
  return batch;
};

const discardPlan = async (platform: Platform, lease: Lease, { turn }: Work): Promise<void> => {
  await commit(platform, [
    check(headKey(lease.project, lease.scope), holdsLease(lease.token)),
    erase(planKey(lease.project, lease.scope, turn.id)),
  ]);
};

/** Applies plans in order; stops at the first that is void, which then is decided again. */
const applyAll = async (
  platform: Platform,
  lease: Lease,
  planned: readonly Work[],
  written: Set<string>,
): Promise<void> => {
  const { project, scope } = lease;
  const outboxes: string[] = [];
  for (const item of planned) {
    if (!item.plan) break;
    const applied = await apply(platform, lease, item.turn, item.plan);
    if (applied.outcome === 'outdated') {
      platform.telemetry.log('info', 'plan.outdated', { project });
      await discardPlan(platform, lease, item);
      break;
    }
    if (applied.outcome === 'over') break;
    const figures = figuresOf(item.turn, item.plan, platform.clock.now());
    platform.telemetry.log('info', 'turn.refined', figures);
    for (const memory of applied.memories) written.add(memory);
    outboxes.push(endOutboxId(item.turn.id));
  }
  await hint(
    platform,
    outboxes.map((outbox) => ({ v: 1, kind: 'outbox', project, scope, outbox })),
  );
};

const alreadyPlanned = (work: readonly Work[]): Work[] => {
  const end = work.findIndex(({ plan }) => !plan);
  return end === -1 ? [...work] : work.slice(0, end);
};

/** Later turns that were planned before the batch was there: they are decided again, together with it. */
const unawareOf = (batch: readonly Work[], work: readonly Work[]): Work[] =>
  work.filter(({ plan }) => plan && !batch.every(({ turn }) => plan.after.includes(turn.id)));

/** One batch: what was planned before is applied as planned, the rest is decided and applied. */
const step = async (platform: Platform, lease: Lease, written: Set<string>): Promise<Progress> => {
  const work = await readWork(platform, lease, maxBatch);
  if (work.length === 0) return { state: 'drained' };
  const planned = alreadyPlanned(work);
  if (planned.length > 0) {
    await applyAll(platform, lease, planned, written);
    return { state: 'going' };
  }
  const batch = nextBatch(platform, work);
  const unaware = unawareOf(batch, work);
  if (unaware.length > 0) {
    for (const item of unaware) await discardPlan(platform, lease, item);
    return { state: 'going' };
  }
  const decided = await decide(platform, lease, batch);
  if ('undecided' in decided) {
    const until = await giveUp(platform, lease, batch, decided.undecided);
    return until === undefined ? { state: 'going' } : { state: 'waiting', until };
  }
  await applyAll(platform, lease, decided.planned, written);
  return { state: 'going' };
};

const tooLarge: readonly string[] = ['item_too_large', 'transaction_too_large'];

/** The same; a turn that the store cannot take however often it is tried fails, and holds nobody up. */
const stepOrFail = async (
  platform: Platform,
  lease: Lease,
  written: Set<string>,
): Promise<Progress> => {
  try {
    return await step(platform, lease, written);
  } catch (error) {
    const fault = faultOf(error);
    if (!tooLarge.includes(fault.code)) throw error;
    const culprit = (await readWork(platform, lease, 1)).slice(0, 1);
    await giveUp(platform, lease, culprit, { ...fault, retryable: false });
    return { state: 'going' };
  }
};

const drain = async (
  platform: Platform,
  lease: Lease,
  budget: Budget,
  written: Set<string>,
): Promise<Progress> => {
  for (;;) {
    if (lease.signal.aborted || platform.clock.now() >= budget.deadlineAt)
      return { state: 'stopped' };
    const progress = await stepOrFail(platform, lease, written);
    if (progress.state !== 'going') return progress;
  }
};

/** Drains under one lease and gives it back, also when something fails. */
const drainOnce = async (
  platform: Platform,
  lease: Lease,
  budget: Budget,
  written: Set<string>,
): Promise<Progress> => {
  let until: number | undefined;
  try {
    const progress = await drain(platform, lease, budget, written);
    if (progress.state === 'waiting') until = progress.until;
    return progress;
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    platform.telemetry.log('info', 'refine.lease_lost', { project: lease.project });
    return { state: 'stopped' };
  } finally {
    await lease.release(until);
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
  budget: Budget,
): Promise<void> => {
  const again = { v: 1, kind: 'refine', project, scope } as const;
  const written = new Set<string>();
  try {
    for (;;) {
      const lease = await claimScope(platform, project, scope, budget.signal);
      if (!lease) return;
      const progress = await drainOnce(platform, lease, budget, written);
      if (progress.state === 'waiting') {
        await hint(platform, [again], progress.until - platform.clock.now());
        return;
      }
      if ((await readPending(platform, project, scope, 1)).length === 0) return;
      if (progress.state === 'stopped') {
        await hint(platform, [again]);
        return;
      }
    }
  } finally {
    await indexMemories(platform, project, [...written]);
  }
};
