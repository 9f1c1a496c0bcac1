import { toErrorInfo } from '../../domain/errors.ts';
import { attachmentsOf, hasUnread, transientFailure } from '../../domain/memory/attachment.ts';
import type { ChangeType } from '../../domain/memory/change.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { ScopeTasks } from '../../domain/processing.ts';
import type { Plan } from '../../domain/table/items.ts';
import { endOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { LogFields } from '../../ports/telemetry.ts';
import { enqueueHints, hints } from '../hints.ts';
import { recordWritten, type WrittenByRun } from '../indexing/index-written.ts';
import { spentBudget } from '../model-budget.ts';
import { type EntryText, memoryEntry, tryEmbedEntries } from '../retrieval/entry-vectors.ts';
import { refineSpan } from '../traced.ts';
import { apply } from './apply.ts';
import { leadingPlanned, maxBatch, needsModel, nextBatch, plannedWithout } from './batch.ts';
import { currentOutage, isProbeDue, outageAfterFailure, outageAfterProbe } from './breaker.ts';
import { decide } from './decide.ts';
import { backOffOrFail, failTurn, halveBatch } from './handle-failure.ts';
import { type Lease, LeaseLost, type ScopeWait } from './lease.ts';
import type { ModelAdmission } from './model-admission.ts';
import type { FailedRequest } from './model-answer.ts';
import { discardPlan, type PendingWork, readPendingWork } from './pending-turns.ts';
import { readFiles } from './read-files.ts';
import { readReleasedWork } from './release-turns.ts';
import { postponeTasks } from './task-progress.ts';
import { waitForBudget, waitForModel } from './wait-for-model.ts';

/** How far a run over a scope has come. */
export type Progress =
  | { state: 'continue'; askedModel?: true }
  | { state: 'drained' }
  /** All pending turns wait for further ones, or for a request. */
  | { state: 'on_hold' }
  | { state: 'stopped' }
  /** Files are to be read first, which this run may not do now. */
  | { state: 'unread' }
  /** The model is needed, and other runs wait for it. */
  | { state: 'contended' }
  /** No claim before `notBefore`; `waitingSince`: the scope waits for the model. */
  | { state: 'waiting'; notBefore: number; waitingSince?: number };

/** State of one run over a scope. */
export interface Run extends WrittenByRun {
  /** When the model last answered in this run, ms since 1970. */
  lastAnswerAt?: number;
  model: ModelAdmission;
}

/** The wait that a run leaves in the scope when it releases its lease. */
export const waitAfter = (progress: Progress | undefined, { lastAnswerAt }: Run): ScopeWait => {
  if (progress?.state === 'waiting') {
    const { notBefore, waitingSince = 'over' } = progress;
    return { notBefore, waitingSince };
  }
  const isOver =
    progress?.state === 'drained' || progress?.state === 'on_hold' || lastAnswerAt !== undefined;
  return isOver ? { waitingSince: 'over' } : {};
};

/** Log fields of a refined turn: ids and numbers only. */
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

/** Memories of one turn that the run embeds at once; the indexer embeds more, and the texts of documents. */
const maxEmbedded = 40;

const entriesToEmbed = (turn: Turn, memories: readonly Memory[]): EntryText[] =>
  turn.options.infer && attachmentsOf(turn).length === 0 && memories.length <= maxEmbedded
    ? memories.map(memoryEntry)
    : [];

/** Applies plans in order, up to the first that is out of date, which is discarded so that its turn is decided again. */
const applyPlans = async (
  platform: Platform,
  lease: Lease,
  planned: readonly PendingWork[],
  known: ScopeTasks | undefined,
  run: Run,
): Promise<void> => {
  const { project, scope } = lease;
  const outboxes: string[] = [];
  const entries: EntryText[] = [];
  let tasks = known;
  for (const item of planned) {
    if (!item.plan) break;
    const applied = await apply(platform, lease, item, item.plan, tasks);
    if (applied.outcome === 'conflict') {
      platform.telemetry.log('info', 'plan.outdated', { project });
      await discardPlan(platform, lease, item);
      break;
    }
    if (applied.outcome !== 'applied') break;
    tasks = applied.tasks;
    const metrics = refineMetrics(item.turn, item.plan, platform.clock.now());
    platform.telemetry.log('info', 'turn.refined', metrics);
    entries.push(...entriesToEmbed(item.turn, applied.memories));
    recordWritten(platform, item.turn, applied.memories, run);
    outboxes.push(endOutboxId(item.turn.id));
  }
  await enqueueHints(
    platform,
    outboxes.map((outbox) => hints.outbox(project, scope, outbox)),
  );
  // Searches and the next batch rank by these vectors until the index has the memories, and the indexer uses them again.
  if (entries.length > 0)
    await tryEmbedEntries(platform, project, entries, { signal: lease.signal, priority: 'add' });
};

/** Awaits a call of the model. An aborted one throws LeaseLost: the lease is lost, or the process stops. */
const unlessAborted = async <T>(lease: Lease, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (lease.signal.aborted) throw new LeaseLost(lease.scope);
    throw error;
  }
};

const progressFrom = (wait: { notBefore: number; waitingSince?: number } | undefined): Progress =>
  wait === undefined ? { state: 'continue' } : { state: 'waiting', ...wait };

/**
 * Handles a request that decided nothing. An outage of the model makes the scope wait and spends no retry; a failure
 * about the turns, or one that other requests do not meet, makes the batch smaller or spends a retry of the oldest turn.
 */
const handleFailedRequest = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  { failure, asked }: FailedRequest,
  run: Run,
): Promise<Progress> => {
  const { about, ...error } = failure;
  const outageVersion = batch.slice(0, asked).find(({ pending }) => pending.outageVersion)
    ?.pending.outageVersion;
  const failed = { failure: error, outageVersion };
  const outage =
    about === 'service'
      ? await unlessAborted(lease, outageAfterFailure(platform, failed, lease.signal))
      : undefined;
  if (outage) {
    const waiting = { since: run.lastAnswerAt, asked };
    return progressFrom(await waitForModel(platform, lease, batch, outage, waiting));
  }
  run.lastAnswerAt = platform.clock.now();
  const notBefore =
    about === 'service'
      ? await halveBatch(platform, lease, batch, asked, error)
      : await backOffOrFail(platform, lease, batch, error);
  return progressFrom(notBefore === undefined ? undefined : { notBefore });
};

/** Returns undefined when the model may be asked about the batch now, else the progress that ends or repeats this step. */
const checkModel = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  { model, lastAnswerAt }: Run,
): Promise<Progress | undefined> => {
  const spent = await spentBudget(platform, lease.project);
  if (spent) return progressFrom(await waitForBudget(platform, lease, batch, spent));
  const known = await currentOutage(platform);
  const mayAsk = !known || isProbeDue(known, platform.clock.now());
  if (mayAsk && !model.tryEnter()) return { state: 'contended' };
  const outage = mayAsk
    ? await unlessAborted(lease, outageAfterProbe(platform, lease.signal))
    : known;
  if (!outage) return undefined;
  const waiting = { since: lastAnswerAt, asked: 0 };
  return progressFrom(await waitForModel(platform, lease, batch, outage, waiting));
};

/**
 * Fails a turn that is only files, none of which could be read for now, so that its event can be retried. Returns whether the batch, which
 * is this turn alone, was one.
 */
const failUnread = async (
  platform: Platform,
  lease: Lease,
  [item]: readonly PendingWork[],
): Promise<boolean> => {
  const message = item && transientFailure(item.turn);
  if (!item || message === undefined) return false;
  const error = { code: 'attachments_unavailable', message, retryable: true };
  await failTurn(platform, lease, item, error, item.pending.failures + 1);
  return true;
};

/** Reads files, or else asks for admission to the model. Returns undefined when the batch may be decided now. */
const prepareBatch = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
  run: Run,
): Promise<Progress | undefined> => {
  if (await failUnread(platform, lease, batch)) return { state: 'continue' };
  const unread = batch.find(({ turn }) => hasUnread(turn));
  if (!unread) return batch.some(needsModel) ? checkModel(platform, lease, batch, run) : undefined;
  if (!run.model.mayRead()) return { state: 'unread' };
  await readFiles(platform, lease, unread);
  return { state: 'continue' };
};

/** Applies the plans an earlier run saved, if any; else decides and applies one batch. */
const refineWork = async (
  platform: Platform,
  lease: Lease,
  work: readonly PendingWork[],
  tasks: ScopeTasks | undefined,
  run: Run,
): Promise<Progress> => {
  const planned = leadingPlanned(work);
  if (planned.length > 0) {
    await applyPlans(platform, lease, planned, tasks, run);
    return { state: 'continue' };
  }
  const batch = nextBatch(platform, work);
  const outdated = plannedWithout(batch, work);
  if (outdated.length > 0) {
    for (const item of outdated) await discardPlan(platform, lease, item);
    return { state: 'continue' };
  }
  const progress = await prepareBatch(platform, lease, batch, run);
  if (progress) return progress;
  const asksModel = batch.some(needsModel);
  const decided = await decide(platform, lease, batch);
  if ('failure' in decided) return handleFailedRequest(platform, lease, batch, decided, run);
  if (asksModel && decided.planned.length > 0) run.lastAnswerAt = platform.clock.now();
  await applyPlans(platform, lease, decided.planned, tasks, run);
  return asksModel ? { state: 'continue', askedModel: true } : { state: 'continue' };
};

const refineBatch = async (platform: Platform, lease: Lease, run: Run): Promise<Progress> => {
  const ready = await readReleasedWork(platform, lease, maxBatch);
  if ('state' in ready) return ready;
  const { work, tasks } = ready;
  const turns = work.map(({ turn }) => turn);
  return refineSpan(platform, turns, () => refineWork(platform, lease, work, tasks, run));
};

const tooLargeCodes: readonly string[] = ['item_too_large', 'transaction_too_large'];

/**
 * Refines one batch. A turn whose writes are too large for the store fails at once: no retry could help, and the turns
 * after it go on. Safe to repeat after a crash at any await: plans are saved before they are applied, and applied once.
 * @throws LeaseLost
 */
export const refineBatchOrFail = async (
  platform: Platform,
  lease: Lease,
  run: Run,
): Promise<Progress> => {
  try {
    const progress = await refineBatch(platform, lease, run);
    if (progress.state === 'waiting') await postponeTasks(platform, lease, progress.notBefore);
    return progress;
  } catch (error) {
    const info = toErrorInfo(error);
    if (!tooLargeCodes.includes(info.code)) throw error;
    const { work } = await readPendingWork(platform, lease, 1);
    await backOffOrFail(platform, lease, work.slice(0, 1), { ...info, retryable: false });
    return { state: 'continue' };
  }
};
