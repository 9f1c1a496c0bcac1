import { toErrorInfo } from '../../domain/errors.ts';
import type { ChangeType } from '../../domain/memory/change.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import { headKey, planKey } from '../../domain/table/keys.ts';
import { endOutboxId } from '../../domain/webhooks/outbox.ts';
import type { ModelFailure } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import type { LogFields } from '../../ports/telemetry.ts';
import { commit } from '../commit.ts';
import { holdsLease } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { check, remove } from '../steps.ts';
import { apply } from './apply.ts';
import { alreadyPlanned, maxBatch, needsModel, nextBatch, unawareOf } from './batch.ts';
import { currentOutage, isProbeDue, outageAfterFailure, outageAfterProbe } from './breaker.ts';
import { decide } from './decide.ts';
import { backOffOrFail, narrow } from './handle-failure.ts';
import { type Lease, LeaseLost, type Rest } from './lease.ts';
import type { ModelAdmission } from './model-admission.ts';
import { type PendingWork, readPendingWork } from './pending-turns.ts';
import { waitForModel } from './wait-for-model.ts';

export type Progress =
  | { state: 'going'; askedModel?: true }
  | { state: 'drained' }
  | { state: 'stopped' }
  /** The model is to be asked, and others come first. */
  | { state: 'crowded' }
  | { state: 'waiting'; notBefore: number; waitingSince?: number };

/** What one run over a scope gathers. */
export interface Run {
  /** Memories written, which the index is to be given. */
  written: Set<string>;
  /** When the model was last seen to answer, ms since 1970. */
  workedAt?: number;
  model: ModelAdmission;
}

/** How the scope is left after that much progress. */
export const restAfter = (progress: Progress | undefined, { workedAt }: Run): Rest => {
  if (progress?.state === 'waiting') {
    const { notBefore, waitingSince = 'over' } = progress;
    return { notBefore, waitingSince };
  }
  const isOver = progress?.state === 'drained' || workedAt !== undefined;
  return isOver ? { waitingSince: 'over' } : {};
};

const discardPlan = async (
  platform: Platform,
  lease: Lease,
  { turn }: PendingWork,
): Promise<void> => {
  await commit(platform, [
    check(headKey(lease.project, lease.scope), holdsLease(lease.token)),
    remove(planKey(lease.project, lease.scope, turn.id)),
  ]);
};

/** What the log tells of a turn that was refined: ids and numbers. */
const refineMetrics = (turn: Turn, plan: Plan, now: number): LogFields => {
  const count = (type: ChangeType) => plan.changes.filter((change) => change.type === type).length;
  return {
    project: turn.project,
    turn: turn.id,
    event: turn.event,
    model: plan.model,
    endToEndMs: now - turn.createdAt,
    ...(plan.model === 'verbatim' ? {} : { modelMs: plan.timings.model }),
    promptTokens: plan.tokens.prompt,
    completionTokens: plan.tokens.completion,
    added: count('ADD'),
    updated: count('UPDATE'),
    deleted: count('DELETE'),
    none: count('NONE'),
  };
};

/** Applies plans in order; stops at the first that is void, which then is decided again. */
const applyAll = async (
  platform: Platform,
  lease: Lease,
  planned: readonly PendingWork[],
  written: Set<string>,
): Promise<void> => {
  const { project, scope } = lease;
  const outboxes: string[] = [];
  for (const item of planned) {
    if (!item.plan) break;
    const applied = await apply(platform, lease, item.turn, item.plan);
    if (applied.outcome === 'conflict') {
      platform.telemetry.log('info', 'plan.outdated', { project });
      await discardPlan(platform, lease, item);
      break;
    }
    if (applied.outcome === 'turn_ended') break;
    const figures = refineMetrics(item.turn, item.plan, platform.clock.now());
    platform.telemetry.log('info', 'turn.refined', figures);
    for (const memory of applied.memories) written.add(memory);
    outboxes.push(endOutboxId(item.turn.id));
  }
  await enqueueHints(
    platform,
    outboxes.map((outbox) => hints.outbox(project, scope, outbox)),
  );
};

/** Runs what asks the model; that it was broken off means that the lease is lost or the process ends. */
const unlessAborted = async <T>(lease: Lease, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (lease.signal.aborted) throw new LeaseLost(lease.scope);
    throw error;
  }
};

const restingUntil = (rest: { notBefore: number; waitingSince?: number } | undefined): Progress =>
  rest === undefined ? { state: 'going' } : { state: 'waiting', ...rest };

/** What becomes of a batch that the model decided nothing of. */
const settleFailure = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  { undecided: failure, asked }: { undecided: ModelFailure; asked: number },
  run: Run,
): Promise<Progress> => {
  const { about, ...undecided } = failure;
  const failedIn = batch.slice(0, asked).find(({ pending }) => pending.failedIn)?.pending.failedIn;
  const failed = { failure: undecided, failedIn };
  const outage =
    about === 'service'
      ? await unlessAborted(lease, outageAfterFailure(platform, failed, lease.signal))
      : undefined;
  if (outage) {
    const at = { since: run.workedAt, asked };
    return restingUntil(await waitForModel(platform, lease, batch, outage, at));
  }
  run.workedAt = platform.clock.now();
  const notBefore =
    about === 'service'
      ? await narrow(platform, lease, batch, asked, undecided)
      : await backOffOrFail(platform, lease, batch, undecided);
  return restingUntil(notBefore === undefined ? undefined : { notBefore });
};

/** What keeps a batch from being decided now; undefined: nothing does. */
const obstacleTo = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  { model, workedAt }: Run,
): Promise<Progress | undefined> => {
  const known = await currentOutage(platform);
  const mayAsk = !known || isProbeDue(known, platform.clock.now());
  if (mayAsk && !model.tryEnter()) return { state: 'crowded' };
  const outage = mayAsk
    ? await unlessAborted(lease, outageAfterProbe(platform, lease.signal))
    : known;
  if (!outage) return undefined;
  const at = { since: workedAt, asked: 0 };
  return restingUntil(await waitForModel(platform, lease, batch, outage, at));
};

/** One batch: what was planned before is applied as planned, the rest is decided and applied. */
const step = async (platform: Platform, lease: Lease, run: Run): Promise<Progress> => {
  const work = await readPendingWork(platform, lease, maxBatch);
  if (work.length === 0) return { state: 'drained' };
  const planned = alreadyPlanned(work);
  if (planned.length > 0) {
    await applyAll(platform, lease, planned, run.written);
    return { state: 'going' };
  }
  const batch = nextBatch(platform, work);
  const unaware = unawareOf(batch, work);
  if (unaware.length > 0) {
    for (const item of unaware) await discardPlan(platform, lease, item);
    return { state: 'going' };
  }
  const asksModel = batch.some(needsModel);
  const obstacle = asksModel ? await obstacleTo(platform, lease, batch, run) : undefined;
  if (obstacle) return obstacle;
  const decided = await decide(platform, lease, batch);
  if ('undecided' in decided) return settleFailure(platform, lease, batch, decided, run);
  if (asksModel && decided.planned.length > 0) run.workedAt = platform.clock.now();
  await applyAll(platform, lease, decided.planned, run.written);
  return asksModel ? { state: 'going', askedModel: true } : { state: 'going' };
};

const tooLarge: readonly string[] = ['item_too_large', 'transaction_too_large'];

/** The same; a turn that the store cannot take however often it is tried fails, and holds nobody up. */
export const stepOrFail = async (platform: Platform, lease: Lease, run: Run): Promise<Progress> => {
  try {
    return await step(platform, lease, run);
  } catch (error) {
    const fault = toErrorInfo(error);
    if (!tooLarge.includes(fault.code)) throw error;
    const culprit = (await readPendingWork(platform, lease, 1)).slice(0, 1);
    await backOffOrFail(platform, lease, culprit, { ...fault, retryable: false });
    return { state: 'going' };
  }
};
