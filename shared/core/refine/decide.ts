import { transientFailure } from '../../domain/memory/attachment.ts';
import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { eventKey, pendingKey, planKey } from '../../domain/table/keys.ts';
import type { Usage } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { type AttachedText, readAttachments } from '../attachments/read-attachments.ts';
import { commit } from '../commit.ts';
import { eventIsOpen, workIsLeft } from '../conditions.ts';
import { type Cutoffs, keepEntities, readCutoffsAndSettings } from '../cutoffs.ts';
import { cancelTurn } from '../erasure/cancel-turn.ts';
import { messageEntry, tryEmbedEntries } from '../retrieval/entry-vectors.ts';
import { messagesOf } from '../retrieval/messages.ts';
import { check, put, update } from '../steps.ts';
import { hasAttachments } from './batch.ts';
import { buildPlans, plansThatFit } from './build-plans.ts';
import { earlierMessages } from './earlier-messages.ts';
import { commitUnderLease, type Lease } from './lease.ts';
import type { FailedRequest } from './model-answer.ts';
import type { PendingWork } from './pending-turns.ts';
import { planChanges } from './planner.ts';
import { proposeChanges } from './propose-changes.ts';
import { isLong, partsOf } from './propose-from-attachments.ts';
import { retrieveContext } from './retrieve-context.ts';
import { safeInput } from './safe-input.ts';

export type DecideResult =
  /** Turns that have a saved plan now, oldest first. */
  { planned: PendingWork[] } | FailedRequest;

/**
 * Marks the events as running; false when one has ended since the batch was read. Not fenced: a worker that lost its lease decides
 * nothing by it, and the next write of the event's progress corrects it.
 */
const markRunning = async (
  platform: Platform,
  { project }: Lease,
  work: readonly PendingWork[],
): Promise<boolean> => {
  const now = platform.clock.now();
  const { committed } = await commit(
    platform,
    work.map(({ pending }) =>
      update(
        eventKey(project, pending.event),
        {
          status: 'RUNNING',
          stage: 'deciding',
          attempts: pending.failures + 1,
          startedAt: now,
          updatedAt: now,
        },
        eventIsOpen,
      ),
    ),
  );
  return committed;
};

/** Parts of a turn with attachments by which related memories are retrieved. */
const maxQueries = 8;

/** A platform whose retrieval is lexical only, since no text is embedded. */
const withoutEmbedder = (platform: Platform): Platform => ({
  ...platform,
  embedder: { ...platform.embedder, embed: async () => [] },
});

/** Saved with the work item, whose deletion then deletes the plan; a larger one has an item of its own. */
const planWrites = ({ turn, plan, hasPlanItem }: PendingWork): Step[] => {
  if (!plan) return [];
  const { project, scope, id } = turn;
  const key = pendingKey(project, scope, id);
  return hasPlanItem
    ? [check(key, workIsLeft), put(planKey(project, scope, id), plan)]
    : [update(key, { plan }, workIsLeft)];
};

/**
 * Saves plans, in one transaction that requires the work items of their turns: so no plan is written after its turn was cancelled.
 * False when a turn has ended since the batch was read.
 */
const savePlans = async (platform: Platform, lease: Lease, work: readonly PendingWork[]) => {
  const { committed } = await commitUnderLease(platform, lease, work.flatMap(planWrites));
  return committed;
};

/** Cancels the turns that a delete-all covers. Returns the others. */
const dropDeletedTurns = async (
  platform: Platform,
  work: readonly PendingWork[],
  { cutoffs }: Cutoffs,
): Promise<PendingWork[]> => {
  const isCutOff = cutOffBy(cutoffs);
  const kept: PendingWork[] = [];
  for (const item of work) {
    if (isCutOff(item.turn)) await cancelTurn(platform, item.turn);
    else kept.push(item);
  }
  return kept;
};

const logStarts = ({ telemetry, clock }: Platform, work: readonly PendingWork[]): void => {
  const now = clock.now();
  for (const { turn, pending } of work)
    if (pending.failures === 0)
      telemetry.log('debug', 'turn.started', {
        project: turn.project,
        queueLatencyMs: now - turn.createdAt,
      });
};

/** A batch whose attachments are read. */
interface ReadBatch {
  turns: Turn[];
  /** Of the attachments of the only turn. */
  texts: readonly AttachedText[];
  /** Tokens that describing its images took. */
  usage: Usage;
}

/** Takes what was read of the attachments of a batch that is one turn with attachments, and has its images described. */
const readBatch = async (
  platform: Platform,
  lease: Lease,
  work: readonly PendingWork[],
): Promise<ReadBatch | DecideResult> => {
  const turns = work.map(({ turn }) => turn);
  const item = work.find(hasAttachments);
  if (!item) return { turns, texts: [], usage: { prompt: 0, completion: 0 } };
  const read = await readAttachments(platform, lease, item.turn, { describes: true });
  if ('changed' in read) return { planned: [] };
  return 'failure' in read ? { ...read, asked: 1 } : { ...read, turns: [read.turn] };
};

/** Turns by which related memories are retrieved: pieces of attachments are turns of their own. */
export const queriesOf = (
  platform: Platform,
  { turns, texts }: Pick<ReadBatch, 'turns' | 'texts'>,
): Turn[] =>
  texts.length === 0 && !turns.some((turn) => isLong(platform, turn))
    ? turns
    : turns
        .flatMap((turn) => partsOf(platform, turn, texts).slice(0, maxQueries))
        .map(({ turn }) => turn);

/**
 * Decides a batch: has images described, retrieves what the scope knows, asks the model in one call, and saves the plans before
 * anything is applied, so that a retry after a crash never asks the model again. Returns no turns when the batch changed
 * meanwhile and has to be read again.
 * @throws LeaseLost
 */
export const decide = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
): Promise<DecideResult> => {
  const { clock, ids } = platform;
  const { project } = lease;
  const batchTurns = batch.map(({ turn }) => turn);
  const isVerbatim = batchTurns.every(({ options }) => !options.infer);
  const cutoffs = await readCutoffsAndSettings(platform, project, batchTurns);
  const work = await dropDeletedTurns(platform, batch, cutoffs);
  if (work.length === 0 || !(await markRunning(platform, lease, work))) return { planned: [] };
  logStarts(platform, work);
  const batchRead = await readBatch(platform, lease, work);
  if (!('turns' in batchRead)) return batchRead;
  const { usage } = batchRead;
  // The next round fails such a turn.
  if (batchRead.turns.some((turn) => transientFailure(turn) !== undefined)) return { planned: [] };
  const shown = await safeInput(platform, batchRead.turns, batchRead.texts);
  const { turns, texts } = shown;
  await keepEntities(platform, project, turns, cutoffs);

  const startedAt = clock.now();
  const retrievalPlatform = isVerbatim ? withoutEmbedder(platform) : platform;
  const [known, earlier] = await Promise.all([
    retrieveContext(retrievalPlatform, lease, queriesOf(platform, shown)),
    earlierMessages(platform, turns[0], work[0]?.pending.failures),
  ]);
  const retrievedAt = clock.now();
  // Not awaited. Searches rank by these vectors until the index has the messages, and the indexer uses them again.
  if (!isVerbatim)
    void tryEmbedEntries(platform, project, turns.flatMap(messagesOf).map(messageEntry), {
      priority: 'add',
    });
  const answer = await proposeChanges(platform, lease, turns, known, {
    texts,
    earlier,
    ...(cutoffs.settings && { settings: cutoffs.settings }),
  });
  if ('failure' in answer) return answer;
  const answeredAt = clock.now();
  const changes = planChanges(answer.turns, known, answer.changes, ids.next);
  const timings = {
    retrieve: retrievedAt - startedAt,
    model: answeredAt - retrievedAt,
  };
  const { revisions, settings } = cutoffs;
  const tokens = {
    prompt: answer.tokens.prompt + usage.prompt,
    completion: answer.tokens.completion + usage.completion,
  };
  const read = work.map((item, index) => ({
    ...item,
    turn: batchRead.turns[index] ?? item.turn,
    remarks: shown.remarks[index] ?? {},
  }));
  const planned = plansThatFit(
    buildPlans(platform, read, changes, { revisions, tokens, timings, settings }),
  );
  return { planned: (await savePlans(platform, lease, planned)) ? planned : [] };
};
