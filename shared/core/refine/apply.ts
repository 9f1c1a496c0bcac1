import { outcomesOf } from '../../domain/memory/attachment.ts';
import { type Change, isNoop } from '../../domain/memory/change.ts';
import type { Event } from '../../domain/memory/event.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { ScopeTasks } from '../../domain/processing.ts';
import { addRedactions } from '../../domain/sensitive/sensitive.ts';
import type { Plan } from '../../domain/table/items.ts';
import { changesKey, eventKey, turnKey } from '../../domain/table/keys.ts';
import { endOutboxId, fitFacts } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { eventIsOpen, planWasApplied, turnIsPendingAt } from '../conditions.ts';
import { firstTurnCheckAt } from '../indexing/index-delays.ts';
import { entriesToCome } from '../indexing/index-messages.ts';
import { check, newOutbox, put, update } from '../steps.ts';
import { jsonBytes, maxItemBytes, maxTransactionBytes } from '../store-limits.ts';
import { retention } from '../ttl.ts';
import { createPace } from '../yield-to-loop.ts';
import type { Lease } from './lease.ts';
import { maxId } from './memory-versions.ts';
import type { PendingWork } from './pending-turns.ts';
import { type MemoryWrite, type PlanWrites, toPlanWrites } from './plan-writes.ts';
import { safeTurn } from './safe-input.ts';
import { stageMemories, type WriteGroup } from './stage-memories.ts';
import { isOutdated, leaveQueue } from './task-progress.ts';

/** Writes of one transaction: the limit of DynamoDB. */
const maxSteps = 100;
/** Writes of the memory with the turn's own id: memory, revision, and listing entries of four entities and the project. */
const firstAdditionSteps = 7;

const noopChanges = (plan: Plan): Change[] =>
  plan.changes.flatMap((change) =>
    change.type === 'NONE' && isNoop(change)
      ? [
          {
            type: 'NONE' as const,
            reason: change.reason,
            ...(change.memory === undefined ? {} : { memory: change.memory }),
          },
        ]
      : [],
  );

/** The outcomes of the attachments, with the reasons of those that the plan left out in part; empty if there are none of these. */
const shownAttachments = (turn: Turn, { changes }: Plan): Pick<Event, 'attachments'> => {
  const reasons = new Map(
    changes.flatMap((change) =>
      'part' in change && change.part !== undefined ? [[change.part, change.reason] as const] : [],
    ),
  );
  if (reasons.size === 0) return {};
  const attachments = outcomesOf(turn)?.map((outcome) => {
    const said = [outcome.reason, reasons.get(outcome.part)].filter((one) => one !== undefined);
    return said.length > 0 ? { ...outcome, reason: said.join(' ') } : outcome;
  });
  return attachments ? { attachments } : {};
};

/** Checks that the earlier plans on which this plan rests were applied, and no other plans of the same turns in their place. */
const predecessorChecks = ({ project }: Turn, { follows }: Plan): Step[] =>
  follows.map(({ turn, plan }) => check(turnKey(project, turn), planWasApplied(plan)));

/** Returns the turn's record of its effects, by which readers find its memories and their source messages. */
const turnEffects = ({
  effects,
  drawn,
}: Pick<PlanWrites, 'effects' | 'drawn'>): Pick<Turn, 'memoryIds' | 'closedIds' | 'drawn'> => {
  const memories = effects.map(({ memory }) => memory);
  const live = memories.filter(({ state }) => state === 'live');
  const closed = [
    ...memories.filter(({ state }) => state === 'closed'),
    ...effects.flatMap((effect) => (effect.closed ? [effect.closed.memory] : [])),
  ];
  return {
    memoryIds: live.map(({ id }) => id),
    ...(closed.length > 0 ? { closedIds: closed.map(({ id }) => id) } : {}),
    drawn,
  };
};

/** The messages without their secrets, at a revision of their own: the index gives up the entries of the former one. */
const withoutSecretsIn = async (platform: Platform, turn: Turn): Promise<Partial<Turn>> => {
  const { turn: safe, redacted } = await safeTurn(platform, turn);
  if (!redacted) return {};
  const { messages, revision = 0 } = safe;
  return { messages, revision, ...(revision === 1 && { secretsReplaced: true as const }) };
};

/** The writes that make the turn applied (state, event, outbox), and the conditions that all of them rest on. */
const applyWrites = (
  { clock, ids, policy, vectorIndex }: Platform,
  turn: Turn,
  plan: Plan,
  planWrites: PlanWrites,
  safe: Partial<Turn>,
  queueWrites: readonly Step[],
): Step[] => {
  const { project, scope, id, event } = turn;
  const { effects } = planWrites;
  const redacted = addRedactions(turn.redacted, plan.redacted);
  const now = clock.now();
  const toCome = entriesToCome(turn, safe);
  const kept = retention(policy.retainEventsDays, now);
  const facts = fitFacts(
    effects.flatMap(({ fact }) => (fact ? [fact] : [])),
    maxItemBytes,
  );
  return [
    ...predecessorChecks(turn, plan),
    ...planWrites.ownChecks,
    update(
      turnKey(project, id),
      {
        state: 'applied',
        ...safe,
        ...turnEffects(planWrites),
        plan: plan.id,
        ...toCome,
        dueAt: firstTurnCheckAt(vectorIndex, turn, now),
      },
      // Entries that were written meanwhile must stay recorded, so that they can be removed.
      turnIsPendingAt(plan.turnRevision, { isUnindexed: 'index' in toCome }),
    ),
    update(
      eventKey(project, event),
      {
        status: 'SUCCEEDED',
        stage: 'finished',
        tokens: plan.tokens,
        model: plan.model,
        ...(plan.promptVersion && { promptVersion: plan.promptVersion }),
        ...(plan.ignored && { ignored: plan.ignored }),
        ...shownAttachments(turn, plan),
        ...(redacted && { redacted }),
        ...(plan.suspicious && { suspicious: plan.suspicious }),
        timings: { ...plan.timings },
        completedAt: now,
        updatedAt: now,
        ...kept,
      },
      eventIsOpen,
      ['error'],
    ),
    put(changesKey(project, event), {
      changes: [...effects.map(({ change }) => change), ...noopChanges(plan)],
      ...kept,
    }),
    ...queueWrites,
    newOutbox(scope, {
      id: endOutboxId(id),
      project,
      entities: turn.entities,
      facts: [{ type: 'event.succeeded', event }, ...facts],
      order: maxId(ids.next(), id),
      createdAt: now,
    }),
  ];
};

export type ApplyResult =
  /** With the memories that were written, closed versions included, and the tasks of the scope after the transaction. */
  | { outcome: 'applied'; memories: Memory[]; tasks: ScopeTasks | undefined }
  /** A request to process came since the pending turns were read: read again, the plan stays. */
  | { outcome: 'tasks_changed' }
  /** A memory or the turn changed, or a delete-all came since the decision: the plan is out of date. */
  | { outcome: 'conflict' }
  /** The turn was cancelled, or failed, or applied by another run. */
  | { outcome: 'turn_ended' };

/** All memories that a turn wrote, closed versions included. */
const writtenBy = (effects: readonly MemoryWrite[]): Memory[] =>
  effects.flatMap(({ memory, closed }) => (closed ? [memory, closed.memory] : [memory]));

/**
 * Adds the writes of memories to the transaction's `steps`, as many as fit. Returns the others, which are to be staged before. The
 * memory with the turn's own id is never staged: it has the same id in every plan of the turn, so one that a discarded plan had
 * staged would make a later plan fail.
 */
const splitWrites = async (
  platform: Platform,
  turn: Turn,
  steps: Step[],
  effects: readonly MemoryWrite[],
): Promise<WriteGroup[]> => {
  const staged: WriteGroup[] = [];
  const pace = createPace(platform);
  const groups = [
    ...effects.flatMap(({ added, memory, steps }) =>
      added && memory.id === turn.id ? [steps] : [],
    ),
    ...effects.flatMap(({ added, listings }) => (added ? [] : [listings])),
    ...effects.flatMap(({ closed }) => (closed ? [closed.steps] : [])),
    ...effects.flatMap(({ added, memory, steps }) =>
      added && memory.id !== turn.id ? [steps] : [],
    ),
  ];
  let remainingBytes = maxTransactionBytes - jsonBytes(steps);
  for (const group of groups) {
    await pace.pause();
    const bytes = jsonBytes(group);
    if (steps.length + group.length > maxSteps || bytes > remainingBytes)
      staged.push({ steps: group, bytes });
    else {
      steps.push(...group);
      remainingBytes -= bytes;
    }
  }
  return staged;
};

/**
 * Applies one turn's plan in one transaction, together with the turn's state, event and outbox. Memories that exceed a
 * transaction are staged before: written, but invisible until this transaction publishes them. Safe to repeat: after a
 * crash or a lost answer the turn is found applied, and nothing changes.
 * @throws LeaseLost
 */
export const apply = async (
  platform: Platform,
  lease: Lease,
  item: PendingWork,
  plan: Plan,
  tasks: ScopeTasks | undefined,
): Promise<ApplyResult> => {
  const { turn } = item;
  const planWrites = await toPlanWrites(platform, turn, plan);
  if (!planWrites) return { outcome: 'conflict' };
  const { effects, unchangedChecks, restatements, memoryEntityChecks } = planWrites;
  const changes = effects.map(({ change }) => change);
  const safe = await withoutSecretsIn(platform, turn);
  const left = leaveQueue(platform, lease, item, tasks, { changes });
  const steps = applyWrites(platform, turn, plan, planWrites, safe, left.steps);
  for (const effect of effects) if (!effect.added) steps.push(...effect.steps);
  steps.push(...unchangedChecks, ...restatements);
  // Memories may name many entities. Checks that do not fit are left out: `toPlanWrites` has just read the cutoffs.
  steps.push(
    ...memoryEntityChecks.slice(0, Math.max(0, maxSteps - firstAdditionSteps - steps.length)),
  );
  const staged = await splitWrites(platform, turn, steps, effects);
  await stageMemories(platform, lease, turn, plan, staged);

  const result = await commit(platform, steps);
  if (result.committed)
    return { outcome: 'applied', memories: writtenBy(effects), tasks: left.tasks };
  const outdated = isOutdated(lease, result);
  const refused = failedConditions(result);
  if (refused.includes(eventIsOpen.name)) return { outcome: 'turn_ended' };
  return { outcome: outdated ? 'tasks_changed' : 'conflict' };
};
