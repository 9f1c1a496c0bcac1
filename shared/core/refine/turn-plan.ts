import { maxCategoriesPerMemory } from '../../domain/categories/category.ts';
import type { PlannedChange, PlannedText } from '../../domain/memory/change.ts';
import { descriptionOf, withoutDescription } from '../../domain/memory/description.ts';
import { allNamed, hasEntity } from '../../domain/memory/entities.ts';
import { occurrenceIn } from '../../domain/memory/occurrence.ts';
import { maxPiece } from '../../domain/memory/text-pieces.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { ProposedChange } from '../../ports/language-model.ts';
import type { KnownMemories, MemoryState } from './known-memories.ts';
import { maxId } from './memory-versions.ts';
import { createSourceFinder } from './source-message.ts';

/** Version of a memory from which on the memory is not listed under further entities, since each makes a version. */
const maxNamingVersion = 500;

/** Existing memories one turn may change or confirm, so that the writes fit one transaction. */
const maxChangedMemories = 25;

const tooMany = 'The turn already changed as many memories as one turn may.';
const tooOld = 'A newer turn or an edit already shaped this memory.';
const alreadyKnown = 'Already known.';
const nothingFound = 'Nothing lasting was found.';

/** Plan of one turn while its proposals are applied to it, one by one. */
export interface TurnPlan {
  turn: Turn;
  known: KnownMemories;
  /** At most one change per memory, by its id. */
  changes: Map<string, PlannedChange>;
  /** Outcomes that write no memory. */
  noops: PlannedChange[];
  /** Existing memories that are changed or confirmed so far. */
  changedMemories: number;
  /** Whether a proposal was rejected: proposals for later turns rest on it, so the batch ends with this turn. */
  hasRejection: boolean;
  newId(): string;
  /** Position of the message that a proposal is drawn from. */
  sourceOf(proposal: ProposedChange, text: string): number;
  toText(proposal: ProposedChange, text: string): PlannedText;
}

export const createTurnPlan = (turn: Turn, known: KnownMemories, newId: () => string): TurnPlan => {
  const findSource = createSourceFinder(turn);
  return {
    turn,
    known,
    changes: new Map(),
    noops: [],
    changedMemories: 0,
    hasRejection: false,
    newId,
    sourceOf: ({ message }, text) => findSource(message, text),
    toText(proposal, text) {
      const source = findSource(proposal.message, text);
      const isUndated = proposal.undated || proposal.verbatim || !turn.options.infer;
      const occursOn = proposal.occursOn ?? (isUndated ? undefined : occurrenceIn(text));
      return {
        text,
        source,
        attributedTo: turn.messages[source]?.role ?? 'user',
        ...(proposal.verbatim && { verbatim: true }),
        ...descriptionOf({ ...proposal, ...(occursOn && { occursOn }) }),
        ...(proposal.categories?.length
          ? { categories: proposal.categories.slice(0, maxCategoriesPerMemory) }
          : {}),
        ...(proposal.structuredData ? { structuredData: proposal.structuredData } : {}),
      };
    },
  };
};

const isAtLimit = ({ changes, changedMemories }: TurnPlan, target: MemoryState): boolean =>
  !changes.has(target.id) && changedMemories >= maxChangedMemories;

const namesAllEntities = (target: MemoryState, turn: Turn): boolean =>
  target.version >= maxNamingVersion ||
  allNamed(turn).every((entity) => hasEntity(target.named, entity));

/** Why a memory may not be changed by the turn; undefined when the turn may change it. */
const rejectionReason = (plan: TurnPlan, target: MemoryState): string | undefined => {
  if (target.immutable) return 'The memory is immutable.';
  if (target.lastWrite > plan.turn.id) return tooOld;
  return isAtLimit(plan, target) ? tooMany : undefined;
};

const putChange = (plan: TurnPlan, id: string, change: PlannedChange): void => {
  if (change.type !== 'ADD' && !plan.changes.has(id)) plan.changedMemories += 1;
  plan.changes.set(id, change);
};

/** Adds an outcome without a new text. A memory that does not name all of the turn's entities yet is listed under them. */
const addNoop = (
  plan: TurnPlan,
  reason: string,
  target?: MemoryState,
  proposal?: ProposedChange,
): void => {
  const { turn, changes, noops } = plan;
  const stated =
    target && proposal ? { source: plan.sourceOf(proposal, proposal.text ?? target.text) } : {};
  if (!target) {
    const { part } = proposal ?? {};
    noops.push({ type: 'NONE', reason, ...(part === undefined ? {} : { part }) });
    return;
  }
  if (isAtLimit(plan, target)) {
    plan.changedMemories += 1;
    // Not the model's reason: nothing records that the turn stated the memory, so no erasure would find a quote of it.
    noops.push({ type: 'NONE', reason: tooMany, memory: target.id });
    return;
  }
  if (changes.has(target.id) || namesAllEntities(target, turn)) {
    plan.changedMemories += 1;
    noops.push({ type: 'NONE', reason, memory: target.id, version: target.version, ...stated });
    return;
  }
  const { id, text, version } = target;
  putChange(plan, id, {
    type: 'NONE',
    reason,
    memory: id,
    text,
    addEntitiesAtVersion: version,
    ...stated,
  });
  target.version += 1;
  target.lastWrite = maxId(target.lastWrite, turn.id);
};

/** Adds a memory. The first one of a turn takes the turn's id, which is that of the rough memory, so that this id lives on. */
const addMemory = (plan: TurnPlan, proposal: ProposedChange, text: string): MemoryState => {
  const { turn, changes } = plan;
  // A turn that is refined again has given its id away.
  const isTaken = changes.has(turn.id) || turn.state === 'applied';
  const id = isTaken ? plan.newId() : turn.id;
  const memory = plan.known.add({ id, text, turn });
  putChange(plan, id, { type: 'ADD', memory: id, ...plan.toText(proposal, text) });
  return memory;
};

const updateText = (
  plan: TurnPlan,
  proposal: ProposedChange,
  target: MemoryState,
  text: string,
): void => {
  const { id } = target;
  const earlier = plan.changes.get(id);
  if (earlier?.type === 'ADD')
    putChange(plan, id, { ...withoutDescription(earlier), ...plan.toText(proposal, text) });
  else if (earlier?.type === 'UPDATE')
    putChange(plan, id, { ...withoutDescription(earlier), ...plan.toText(proposal, text) });
  else {
    const version = earlier ? target.version - 1 : target.version;
    const previousText = target.text;
    putChange(plan, id, {
      type: 'UPDATE',
      memory: id,
      version,
      previousText,
      ...plan.toText(proposal, text),
    });
    target.version = version + 1;
  }
  plan.known.setText(target, text);
  target.lastWrite = plan.turn.id;
};

const retract = (
  plan: TurnPlan,
  { reason, message }: ProposedChange,
  target: MemoryState,
): void => {
  const { id } = target;
  const earlier = plan.changes.get(id);
  target.isDeleted = true;
  if (earlier?.type === 'ADD') {
    plan.changes.delete(id);
    plan.noops.push({ type: 'NONE', reason: 'Said and taken back in one turn.' });
    return;
  }
  const version = earlier ? target.version - 1 : target.version;
  const previousText = earlier?.type === 'UPDATE' ? earlier.previousText : target.text;
  putChange(plan, id, {
    type: 'DELETE',
    memory: id,
    version,
    previousText,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { source: message }),
  });
  target.version = version + 1;
};

/** Updates a memory; where that is rejected, a new memory is added instead, unless a newer turn shaped the target. */
const applyUpdate = (
  plan: TurnPlan,
  proposal: ProposedChange,
  text: string,
  target: MemoryState,
): MemoryState => {
  const reason = rejectionReason(plan, target);
  if (reason === undefined) {
    updateText(plan, proposal, target, text);
    return target;
  }
  plan.hasRejection = true;
  if (reason !== tooOld) return addMemory(plan, proposal, text);
  addNoop(plan, tooOld, target);
  return target;
};

const applyText = (
  plan: TurnPlan,
  proposal: ProposedChange,
  text: string,
  target: MemoryState | undefined,
): MemoryState => {
  const duplicate = plan.known.findDuplicate(text);
  if (duplicate) {
    addNoop(plan, alreadyKnown, duplicate, proposal);
    return duplicate;
  }
  return !target || target.isDeleted
    ? addMemory(plan, proposal, text)
    : applyUpdate(plan, proposal, text, target);
};

const applyDelete = (
  plan: TurnPlan,
  proposal: ProposedChange,
  target: MemoryState | undefined,
): MemoryState | undefined => {
  if (!target || target.isDeleted) {
    addNoop(plan, 'There was nothing to delete.');
    return target;
  }
  const reason = rejectionReason(plan, target);
  plan.hasRejection ||= reason !== undefined;
  if (reason === undefined) retract(plan, proposal, target);
  else addNoop(plan, reason, target);
  return target;
};

/** Applies one proposal to the plan. Returns the memory that later proposals mean when they refer to this one. */
export const applyProposal = (
  plan: TurnPlan,
  proposal: ProposedChange,
  target: MemoryState | undefined,
): MemoryState | undefined => {
  // Texts that are kept word for word were bounded when they were proposed.
  const max = plan.turn.options.infer ? maxPiece : Number.POSITIVE_INFINITY;
  const text = proposal.text?.trim().slice(0, max).toWellFormed();
  if (proposal.type === 'DELETE') return applyDelete(plan, proposal, target);
  if (proposal.type !== 'NONE' && text) return applyText(plan, proposal, text, target);
  addNoop(plan, proposal.reason ?? nothingFound, target?.isDeleted ? undefined : target, proposal);
  return target;
};

/** The planned changes of the turn, at least one. */
export const changesOf = ({ changes, noops }: TurnPlan): PlannedChange[] => {
  const planned = [...changes.values(), ...noops];
  return planned.length > 0 ? planned : [{ type: 'NONE', reason: nothingFound }];
};
