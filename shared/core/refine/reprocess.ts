import { attachmentsOf } from '../../domain/memory/attachment.ts';
import type { Change, PlannedChange } from '../../domain/memory/change.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { type Turn, withoutWords } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import { cutoffKeys, memoryKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { AttachedText } from '../attachments/read-attachments.ts';
import { type CutoffsAndSettings, readCutoffsAndSettings } from '../cutoffs.ts';
import { enqueueHints, hints } from '../hints.ts';
import { budgetError, spentBudget } from '../model-budget.ts';
import { appearanceOf, messagesOf, statedBy } from '../retrieval/messages.ts';
import { readabilityOf } from '../retrieval/readable-turns.ts';
import { applyAgain } from './apply-again.ts';
import { queriesOf } from './decide.ts';
import { earlierMessages } from './earlier-messages.ts';
import { claimScope, type Lease } from './lease.ts';
import { readPending } from './pending-turns.ts';
import { planChanges } from './planner.ts';
import { proposeChanges } from './propose-changes.ts';
import { retrieveContext } from './retrieve-context.ts';
import { safeInput } from './safe-input.ts';

/** Outcome of one turn: the changes, or the reason why the turn was left out. */
export type Reprocessed =
  | { outcome: 'changed' | 'unchanged'; changes: Change[] }
  | {
      /** `skipped`: it is not refined, has no text any more, or wants no inference. */
      outcome: 'skipped' | 'busy' | 'conflict';
    }
  | {
      outcome: 'failed';
      code: string;
      /** Whether the failure says nothing about the turn: the language model does not answer. */
      isOutage?: boolean;
    };

const isEligible = (turn: Turn | undefined): turn is Turn =>
  turn !== undefined && turn.state === 'applied' && turn.options.infer && !turn.erased;

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
 * Texts that were read of the attachments of a turn, as they were saved: no link is fetched and no image described again. Attachments
 * that were not read, or whose texts are gone, are left out.
 */
const savedTexts = async (
  { blobs }: Platform,
  turn: Turn,
  shown: Turn,
): Promise<AttachedText[]> => {
  const texts: AttachedText[] = [];
  for (const [part, { message, attachment }] of attachmentsOf(turn).entries()) {
    const { status, text: digest } = attachment;
    const isShown = (shown.messages[message]?.attachments ?? []).length > 0;
    if (!isShown || status !== 'read' || digest === undefined) continue;
    const bytes = await blobs.get({ project: turn.project, turn: turn.id, digest });
    if (bytes) texts.push({ part, message, attachment, text: new TextDecoder().decode(bytes) });
  }
  return texts;
};

/** Live memories of a turn that the model is not shown. A text that repeats one of them is known. */
const ownMemories = async (
  { store }: Platform,
  { project, memoryIds = [] }: Turn,
  shown: readonly Memory[],
): Promise<Memory[]> => {
  const listed = new Set(shown.map(({ id }) => id));
  const others = memoryIds.filter((id) => !listed.has(id));
  const items = await store.getMany(others.map((id) => memoryKey(project, id)));
  return items.flatMap((memory) => (memory?.state === 'live' ? [memory] : []));
};

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
): Promise<Plan | { code: string; isOutage?: boolean }> => {
  const { ids, languageModel } = platform;
  const spent = await spentBudget(platform, turn.project);
  if (spent) return { code: budgetError(spent).code };
  const saved = await savedTexts(platform, turn, shown);
  const { turns, texts } = await safeInput(platform, [shown], saved);
  const known = await retrieveContext(platform, lease, queriesOf(platform, { turns, texts }));
  const earlier = await earlierMessages(platform, turns[0]);
  const input = { texts, earlier, ...(settings && { settings }) };
  const answer = await proposeChanges(platform, lease, turns, known, input);
  if ('failure' in answer) {
    const { code, about } = answer.failure;
    return { code, isOutage: about === 'service' };
  }
  const others = await ownMemories(platform, turn, known);
  const [changes = []] = planChanges(turns, [...known, ...others], answer.changes, ids.next);
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
    reprocessed: true,
    tokens: answer.tokens,
    timings: { retrieve: 0, model: 0 },
  };
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
  if ('code' in plan) return { outcome: 'failed', ...plan };
  if (plan.changes.length === 0) return { outcome: 'unchanged', changes: [] };
  return isDryRun
    ? { outcome: 'changed', changes: previewOf(plan) }
    : applyAgain(platform, lease, turn, plan);
};

/**
 * Refines a refined turn again, as of its own time: writes of newer turns and edits stay, and every change is a new version with the
 * former one in the history. Only messages whose memories are still as they were drawn count, with their attachments as they were read
 * then. Needs the lease of the scope, which a worker may hold (`busy`). Customers are notified of the changes. Safe to repeat, also after
 * a crash: a fact that is known changes nothing.
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
    // Read after the release: the hint of a turn committed before may have found the scope claimed, and relies on this read.
    const [oldest] = await readPending(platform, project, found.scope, 1);
    if (oldest) await enqueueHints(platform, [hints.refine(project, found.scope)]);
  }
};
