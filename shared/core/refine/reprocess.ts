import { attachmentsOf } from '../../domain/memory/attachment.ts';
import type { Change, PlannedChange } from '../../domain/memory/change.ts';
import { type Turn, withoutWords } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import {
  changesKey,
  cutoffKeys,
  eventKey,
  memoryKey,
  recentKeys,
  turnKey,
} from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { erasuresAre, itemExists, turnHasTextOf } from '../conditions.ts';
import { type CutoffsAndSettings, entityChecks, readCutoffsAndSettings } from '../cutoffs.ts';
import { appearanceOf, messagesOf, statedBy } from '../retrieval/messages.ts';
import { readabilityOf } from '../retrieval/readable-turns.ts';
import { put, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import { earlierMessages } from './earlier-messages.ts';
import { claimScope, fence, type Lease } from './lease.ts';
import { type MemoryWrite, type PlanWrites, toPlanWrites } from './plan-writes.ts';
import { planChanges } from './planner.ts';
import { proposeChanges } from './propose-changes.ts';
import { retrieveContext } from './retrieve-context.ts';
import { safeTurn } from './safe-input.ts';

/** Writes of one transaction. */
const maxSteps = 100;

/** Outcome of one turn: the changes, or the reason why the turn was left out. */
export type Reprocessed =
  | { outcome: 'changed' | 'unchanged'; changes: Change[] }
  | {
      /** `skipped`: it is not refined, has no text any more, has attachments, or wants no inference. */
      outcome: 'skipped' | 'busy' | 'conflict' | 'too_large';
    }
  | { outcome: 'failed'; code: string };

const isEligible = (turn: Turn | undefined): turn is Turn =>
  turn !== undefined &&
  turn.state === 'applied' &&
  turn.options.infer &&
  !turn.erased &&
  attachmentsOf(turn).length === 0;

/**
 * The turn with those messages alone that still hold: no memory that a message states was superseded, taken back, edited or erased since,
 * so that nothing outdated is learnt again.
 */
const currentPart = async (platform: Platform, turn: Turn): Promise<Turn> => {
  const { readable } = await readabilityOf(platform, turn.project, [turn]);
  const shown = readable(turn);
  const messages = messagesOf(shown);
  const ids = [...new Set(messages.flatMap(statedBy).map(([id]) => id))];
  const items = await platform.store.getMany(ids.map((id) => memoryKey(turn.project, id)));
  const memories = new Map(ids.map((id, index) => [id, items[index]]));
  const outdated = messages.filter(
    (message) => appearanceOf(message, (id) => memories.get(id)) !== 'result',
  );
  const positions = new Set(outdated.map(({ position }) => position));
  return { ...shown, messages: withoutWords(shown.messages, positions) };
};

const isEffective = ({ type }: PlannedChange): boolean => type !== 'NONE';

/**
 * Decides about a turn again. Writes nothing. Returns the plan, or the code of the failure of the model.
 * @param shown the turn with the messages that the model is shown
 */
const decideAgain = async (
  platform: Platform,
  lease: Lease,
  turn: Turn,
  shown: Turn,
  { revisions, settings }: CutoffsAndSettings,
): Promise<Plan | { code: string }> => {
  const { ids, languageModel } = platform;
  const { turn: safe } = await safeTurn(platform, shown);
  const known = await retrieveContext(platform, lease, [safe]);
  const earlier = await earlierMessages(platform, safe);
  const input = { earlier, ...(settings && { settings }) };
  const answer = await proposeChanges(platform, lease, [safe], known, input);
  if ('failure' in answer) return { code: answer.failure.code };
  const [changes = []] = planChanges([safe], known, answer.changes, ids.next);
  const own = new Set(cutoffKeys(turn.project, turn).map(({ sk }) => sk));
  return {
    id: ids.next(),
    turn: turn.id,
    turnRevision: turn.revision ?? 0,
    changes: changes.filter(isEffective),
    entities: revisions.filter(({ key }) => own.has(key.sk)),
    after: [],
    follows: [],
    model: languageModel.name,
    ...(languageModel.promptVersion && { promptVersion: languageModel.promptVersion }),
    tokens: answer.tokens,
    timings: { retrieve: 0, model: 0, embed: 0 },
  };
};

const united = (before: readonly string[] = [], ids: readonly string[]): string[] => [
  ...new Set([...before, ...ids]),
];

/** The record of the turn's effects, with those of the plan added. */
const turnWrite = (turn: Turn, { effects, drawn }: PlanWrites): Step => {
  const live = effects.flatMap(({ memory }) => (memory.state === 'live' ? [memory.id] : []));
  const closed = effects.flatMap(({ memory, closed }) => [
    ...(memory.state === 'closed' ? [memory.id] : []),
    ...(closed ? [closed.memory.id] : []),
  ]);
  const all = { ...turn.drawn };
  for (const [position, stated] of Object.entries(drawn))
    all[position] = { ...all[position], ...stated };
  const closedIds = united(turn.closedIds, closed);
  const effect = {
    memoryIds: united(turn.memoryIds, live),
    ...(closedIds.length > 0 && { closedIds }),
    drawn: all,
  };
  return update(turnKey(turn.project, turn.id), effect, turnHasTextOf(turn));
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
  const all = [...(before?.changes ?? []), ...changes];
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

/** Applies the plan of a turn that is refined already, in one transaction. */
const applyAgain = async (
  platform: Platform,
  lease: Lease,
  turn: Turn,
  plan: Plan,
): Promise<Reprocessed> => {
  const writes = await toPlanWrites(platform, turn, plan);
  if (!writes) return { outcome: 'conflict' };
  const changes = writes.effects.map(({ change }) => change);
  const steps = [
    fence(lease),
    ...entityChecks(plan),
    turnWrite(turn, writes),
    ...(await eventWrites(platform, turn, plan, changes)),
    ...writes.effects.flatMap((effect) => [
      ...memoryWrites(platform, effect),
      ...effect.listings,
      ...(effect.closed?.steps ?? []),
    ]),
    ...writes.unchangedChecks,
    ...writes.restatements,
    ...writes.memoryEntityChecks,
  ];
  if (steps.length > maxSteps) return { outcome: 'too_large' };
  return (await commit(platform, steps)).committed
    ? { outcome: 'changed', changes }
    : { outcome: 'conflict' };
};

/** The changes of a plan that is not applied. */
const previewOf = ({ changes }: Plan): Change[] =>
  changes.map((change) => ({
    type: change.type,
    ...(change.memory !== undefined && { memory: change.memory }),
    ...('text' in change && change.text !== undefined && { text: change.text }),
    ...('previousText' in change && { previousText: change.previousText }),
  }));

const underLease = async (
  platform: Platform,
  lease: Lease,
  turn: Turn,
  isDryRun: boolean,
): Promise<Reprocessed> => {
  const cutoffs = await readCutoffsAndSettings(platform, turn.project, [turn]);
  const shown = await currentPart(platform, turn);
  if (messagesOf(shown).length === 0) return { outcome: 'unchanged', changes: [] };
  const plan = await decideAgain(platform, lease, turn, shown, cutoffs);
  if ('code' in plan) return { outcome: 'failed', code: plan.code };
  if (plan.changes.length === 0) return { outcome: 'unchanged', changes: [] };
  return isDryRun
    ? { outcome: 'changed', changes: previewOf(plan) }
    : applyAgain(platform, lease, turn, plan);
};

/**
 * Refines a refined turn again, as of its own time: writes of newer turns and edits stay, and every change is a new version with the
 * former one in the history. Only messages whose memories are still as they were drawn count. Needs the lease of the scope, which a
 * worker may hold (`busy`). One transaction, without notifications: a crash leaves the turn as it was, or done. Safe to repeat: a fact
 * that is known changes nothing.
 * @param isDryRun whether nothing is written but the lease
 */
export const reprocessTurn = async (
  platform: Platform,
  project: string,
  id: string,
  { isDryRun, signal }: { isDryRun: boolean; signal: AbortSignal },
): Promise<Reprocessed> => {
  const found = await platform.store.get(turnKey(project, id));
  if (!isEligible(found)) return { outcome: 'skipped' };
  const lease = await claimScope(platform, project, found.scope, signal);
  if (!lease) return { outcome: 'busy' };
  try {
    const turn = await platform.store.get(turnKey(project, id));
    return isEligible(turn)
      ? await underLease(platform, lease, turn, isDryRun)
      : { outcome: 'skipped' };
  } finally {
    await lease.release({});
  }
};
