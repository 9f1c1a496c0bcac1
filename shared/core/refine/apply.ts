import type { Change } from '../../domain/memory/change.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import {
  changesKey,
  eventKey,
  pendingKey,
  planKey,
  scopeLeaseKey,
  turnKey,
} from '../../domain/table/keys.ts';
import { endOutboxId, fitFacts } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import {
  entityIsAt,
  eventIsOpen,
  holdsLease,
  planWasApplied,
  turnIsPending,
} from '../conditions.ts';
import { check, newOutbox, put, remove, update } from '../steps.ts';
import { jsonBytes, maxItemBytes, maxTransactionBytes } from '../store-limits.ts';
import { retention } from '../ttl.ts';
import { createPace } from '../yield-to-loop.ts';
import { type Lease, LeaseLost } from './lease.ts';
import { maxId } from './memory-versions.ts';
import { type MemoryWrite, toPlanWrites } from './plan-writes.ts';
import { stageMemories, type WriteGroup } from './stage-memories.ts';

/** Time after which an applied turn is checked for the end of its direct reads. */
const indexCheckDelayMs = 60_000;
/** Writes of one transaction: the limit of DynamoDB. */
const maxSteps = 100;

const noopChanges = (plan: Plan): Change[] =>
  plan.changes.flatMap((change) =>
    change.type === 'NONE' && !('addEntitiesAtVersion' in change)
      ? [
          {
            type: 'NONE' as const,
            reason: change.reason,
            ...(change.memory === undefined ? {} : { memory: change.memory }),
          },
        ]
      : [],
  );

/** A plan that takes deletions of an earlier plan for done requires that this very plan was applied. */
const predecessorChecks = ({ project }: Turn, { follows }: Plan): Step[] =>
  follows ? [check(turnKey(project, follows.turn), planWasApplied(follows.plan))] : [];

/** The writes that make the turn applied (state, event, outbox), and the conditions that all of them rest on. */
const applyWrites = (
  { clock, ids, policy }: Platform,
  lease: Lease,
  turn: Turn,
  plan: Plan,
  effects: readonly MemoryWrite[],
): Step[] => {
  const { project, scope, id, event } = turn;
  const now = clock.now();
  const kept = retention(policy.retainEventsDays, now);
  const facts = fitFacts(
    effects.flatMap(({ fact }) => (fact ? [fact] : [])),
    maxItemBytes,
  );
  return [
    check(scopeLeaseKey(project, scope), holdsLease(lease.token)),
    ...predecessorChecks(turn, plan),
    ...plan.entities.map(({ key, revision: at }) => check(key, entityIsAt(at))),
    update(
      turnKey(project, id),
      {
        state: 'applied',
        memoryIds: effects
          .filter(({ memory }) => memory.state === 'live')
          .map(({ memory }) => memory.id),
        plan: plan.id,
        dueAt: now + indexCheckDelayMs,
      },
      turnIsPending,
    ),
    update(
      eventKey(project, event),
      {
        status: 'SUCCEEDED',
        stage: 'finished',
        tokens: plan.tokens,
        model: plan.model,
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
    remove(pendingKey(project, scope, id)),
    remove(planKey(project, scope, id)),
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
  | { outcome: 'applied'; memories: string[] }
  /** A memory changed or a delete-all came since the decision: the plan is out of date. */
  | { outcome: 'conflict' }
  /** The turn was cancelled, or failed, or applied by another run. */
  | { outcome: 'turn_ended' };

/**
 * Applies one turn's plan in one transaction, together with the turn's state, event and outbox. Memories that exceed a
 * transaction are staged before: written, but invisible until this transaction publishes them. Safe to repeat: after a
 * crash or a lost answer the turn is found applied, and nothing changes.
 * @throws LeaseLost
 */
export const apply = async (
  platform: Platform,
  lease: Lease,
  turn: Turn,
  plan: Plan,
): Promise<ApplyResult> => {
  const planWrites = await toPlanWrites(platform, turn, plan);
  if (!planWrites) return { outcome: 'conflict' };
  const { effects, unchangedChecks, entityChecks } = planWrites;
  const changed = effects.filter(({ added }) => !added);
  const added = effects.filter((effect) => effect.added);
  const steps = applyWrites(platform, lease, turn, plan, effects);
  for (const effect of changed) steps.push(...effect.steps);
  steps.push(...unchangedChecks);
  // Memories may name many entities. Checks that do not fit are left out: `toPlanWrites` has just read the cutoffs.
  steps.push(...entityChecks.slice(0, maxSteps - steps.length));
  const staged: WriteGroup[] = [];
  const pace = createPace(platform);
  const groups = [...changed.map(({ listings }) => listings), ...added.map((e) => e.steps)];
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
  await stageMemories(platform, lease, turn, plan, staged);

  const result = await commit(platform, steps);
  if (result.committed) return { outcome: 'applied', memories: effects.map((e) => e.memory.id) };
  const refused = failedConditions(result);
  if (refused.includes(holdsLease('').name)) throw new LeaseLost(lease.scope);
  const hasEnded = refused.includes(turnIsPending.name) || refused.includes(eventIsOpen.name);
  return hasEnded ? { outcome: 'turn_ended' } : { outcome: 'conflict' };
};
