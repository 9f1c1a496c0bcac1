import { type Change, withoutTexts } from '../../domain/memory/change.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import { changesKey, eventKey, memoryKey, recentKeys, turnKey } from '../../domain/table/keys.ts';
import { fitFacts, writeOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { erasuresAre, itemExists, turnHasTextOf } from '../conditions.ts';
import { entityChecks } from '../cutoffs.ts';
import { enqueueHints, hints } from '../hints.ts';
import { newOutbox, put, update } from '../steps.ts';
import { jsonBytes, maxItemBytes, maxTransactionBytes } from '../store-limits.ts';
import { retention } from '../ttl.ts';
import { fence, type Lease } from './lease.ts';
import { maxId } from './memory-versions.ts';
import { type MemoryWrite, type PlanWrites, toPlanWrites } from './plan-writes.ts';

/** Writes of one transaction: the limit of DynamoDB. */
const maxSteps = 100;

/** Changes of a turn that one transaction applies. */
type Part = Pick<PlanWrites, 'effects' | 'drawn'>;

const united = (before: readonly string[] = [], ids: readonly string[]): string[] => [
  ...new Set([...before, ...ids]),
];

/** The record of the turn's effects, with those of a part added. */
const effectsOf = (
  turn: Turn,
  { effects, drawn }: Part,
): Pick<Turn, 'memoryIds' | 'closedIds' | 'drawn'> => {
  const live = effects.flatMap(({ memory }) => (memory.state === 'live' ? [memory.id] : []));
  const closed = effects.flatMap(({ memory, closed }) => [
    ...(memory.state === 'closed' ? [memory.id] : []),
    ...(closed ? [closed.memory.id] : []),
  ]);
  const all = { ...turn.drawn };
  for (const [position, stated] of Object.entries(drawn))
    all[position] = { ...all[position], ...stated };
  const closedIds = united(turn.closedIds, closed);
  return {
    memoryIds: united(turn.memoryIds, live),
    ...(closedIds.length > 0 && { closedIds }),
    drawn: all,
  };
};

/** Changes of an event within the limit of an item: beyond it the oldest ones go without their texts. */
const fitChanges = (changes: readonly Change[]): Change[] => {
  let bytes = jsonBytes(changes);
  return changes.map((change) => {
    if (bytes <= maxItemBytes) return change;
    const short = withoutTexts(change);
    bytes -= jsonBytes(change) - jsonBytes(short);
    return short;
  });
};

/** Adds the changes to those of the turn's event, where erasures look for their texts. */
const eventWrites = async (
  { store, clock, policy }: Platform,
  { project, event }: Turn,
  { model, promptVersion }: Plan,
  changes: readonly Change[],
): Promise<Step[]> => {
  const [item, before] = await Promise.all([
    store.get(eventKey(project, event)),
    store.get(changesKey(project, event)),
  ]);
  const now = clock.now();
  const all = fitChanges([...(before?.changes ?? []), ...changes]);
  const key = changesKey(project, event);
  const ofChanges = before
    ? update(key, { changes: all }, erasuresAre(before.erasures ?? 0))
    : put(key, { changes: all, ...retention(policy.retainEventsDays, now) });
  const asked = { model, ...(promptVersion && { promptVersion }), updatedAt: now };
  return item ? [ofChanges, update(eventKey(project, event), asked, itemExists)] : [ofChanges];
};

/** Writes of a memory. Readers find it through a recent pointer until the index has it: those of its turn may have ended. */
const memoryWrites = ({ ids }: Platform, { memory, steps }: MemoryWrite): Step[] => {
  if (memory.state !== 'live') return steps;
  const { project, id, pointer = ids.next() } = memory;
  const { pk, sk } = memoryKey(project, id);
  return [
    ...steps.map((step) =>
      step.op === 'put' && step.key.pk === pk && step.key.sk === sk
        ? { ...step, item: { ...step.item, pointer } }
        : step,
    ),
    ...recentKeys(project, memory, pointer).map((key) => put(key, { memory: id })),
  ];
};

/** The outbox of a change: one for each memory, since that of the turn was sent when it was refined. */
const outboxOf = ({ ids, clock }: Platform, turn: Turn, { memory, fact }: MemoryWrite): Step[] =>
  fact
    ? [
        newOutbox(memory.scope, {
          id: writeOutboxId(memory.id, memory.version),
          project: turn.project,
          entities: turn.entities,
          facts: fitFacts([fact], maxItemBytes),
          order: maxId(ids.next(), turn.id),
          createdAt: clock.now(),
        }),
      ]
    : [];

const stepsOf = (platform: Platform, turn: Turn, effect: MemoryWrite): Step[] => [
  ...memoryWrites(platform, effect),
  ...effect.listings,
  ...(effect.closed?.steps ?? []),
  ...outboxOf(platform, turn, effect),
];

/** Effects of one transaction, with their writes. */
interface Batch {
  effects: MemoryWrite[];
  steps: Step[];
}

/** Distributes effects over transactions, in order, as many as fit beside `common` steps. */
const batchesOf = (
  platform: Platform,
  turn: Turn,
  effects: readonly MemoryWrite[],
  common: number,
): Batch[] => {
  const batches: Batch[] = [{ effects: [], steps: [] }];
  let bytes = 0;
  for (const effect of effects) {
    const steps = stepsOf(platform, turn, effect);
    const size = jsonBytes(steps);
    let last = batches.at(-1);
    bytes += size;
    const isFull = last && common + last.steps.length + steps.length > maxSteps;
    if (!last || (last.effects.length > 0 && (isFull || bytes > maxTransactionBytes / 2))) {
      last = { effects: [], steps: [] };
      batches.push(last);
      bytes = size;
    }
    last.effects.push(effect);
    last.steps.push(...steps);
  }
  return batches;
};

/** Selects which memories the messages state of a part. */
const drawnOf = (
  drawn: PlanWrites['drawn'],
  belongs: (memory: string) => boolean,
): PlanWrites['drawn'] =>
  Object.fromEntries(
    Object.entries(drawn).map(([position, stated]) => [
      position,
      Object.fromEntries(Object.entries(stated).filter(([memory]) => belongs(memory))),
    ]),
  );

const hintsOf = ({ project }: Turn, effects: readonly MemoryWrite[]): Hint[] => [
  ...hints.indexAll(
    project,
    effects.flatMap(({ memory, closed }) => (closed ? [memory.id, closed.memory.id] : [memory.id])),
  ),
  ...effects.flatMap(({ memory, fact }) =>
    fact ? [hints.outbox(project, memory.scope, writeOutboxId(memory.id, memory.version))] : [],
  ),
];

export type AppliedAgain =
  | { outcome: 'changed'; changes: Change[] }
  /** Another writer was first. The changes of the transactions before are applied; a repetition decides about the others. */
  | { outcome: 'conflict' };

/**
 * Applies the plan of a turn that is refined already, with the notifications of its changes: in one transaction, or in several where one
 * is too large. Each leaves history, turn and event in agreement, so a crash in between loses nothing: a repetition finds known what was
 * applied.
 */
export const applyAgain = async (
  platform: Platform,
  lease: Lease,
  turn: Turn,
  plan: Plan,
): Promise<AppliedAgain> => {
  const writes = await toPlanWrites(platform, turn, plan);
  if (!writes) return { outcome: 'conflict' };
  const { effects, drawn, unchangedChecks, restatements, memoryEntityChecks } = writes;
  const written = new Set(effects.map(({ memory }) => memory.id));
  const known = [...unchangedChecks, ...restatements];
  const fixed = [fence(lease), ...entityChecks(plan)];
  // Lease, entities, turn and the two items of the event are in each transaction.
  const common = fixed.length + 3 + known.length;
  const batches = batchesOf(platform, turn, effects, common);
  let current = turn;
  for (const [at, batch] of batches.entries()) {
    const own = new Set(batch.effects.map(({ memory }) => memory.id));
    const belongs = (memory: string) => own.has(memory) || (at === 0 && !written.has(memory));
    const part = { effects: batch.effects, drawn: drawnOf(drawn, belongs) };
    const changes = batch.effects.map(({ change }) => change);
    const effect = effectsOf(current, part);
    const steps = [
      ...fixed,
      update(turnKey(turn.project, turn.id), effect, turnHasTextOf(turn)),
      ...(await eventWrites(platform, turn, plan, changes)),
      ...(at === 0 ? known : []),
      ...batch.steps,
    ];
    const left = Math.max(0, maxSteps - steps.length);
    const { committed } = await commit(platform, [...steps, ...memoryEntityChecks.slice(0, left)]);
    if (!committed) return { outcome: 'conflict' };
    await enqueueHints(platform, hintsOf(turn, batch.effects));
    current = { ...current, ...effect };
  }
  return { outcome: 'changed', changes: effects.map(({ change }) => change) };
};
