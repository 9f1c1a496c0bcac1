import { analyze } from '../../domain/memory/analyzer.ts';
import { descriptionOf } from '../../domain/memory/description.ts';
import { structuredDataFrom } from '../../domain/memory/structured-data.ts';
import type { Metadata } from '../../domain/memory/turn.ts';
import type { DecideRequest, DecideTurn, ProposedChange } from '../../ports/language-model.ts';
import { describedBy, type Proposal, parseProposal } from './proposal.ts';
import { type Evidence, evidenceOf, means, supportProblem, targetText } from './support.ts';

type Target = NonNullable<ProposedChange['target']>;

/** Validated changes of an answer. */
export interface ParsedChanges {
  /** An unusable element is replaced by a NONE with the reason. */
  changes: ProposedChange[];
  /** Number of usable elements. */
  usable: number;
  /** Problem of the first unusable element; names positions only. */
  problem?: string;
  /** The answer was cut off after these changes. */
  isTruncated: boolean;
}

/** Memories that a turn may take back without a word of them ("forget what I said about my pet"). */
const maxUnnamed = 2;

/** Bound on the elements of an answer; further ones are ignored. */
const maxChanges = 500;

/** `M1` and `C1`, and as some models write them: `memory 1`, `[M1]`, `change #2`. */
const memoryOrChange = /^\[?(m|memory|c|change)[ #:_-]{0,2}[mc]?(\d{1,6})\]?$/i;

interface Progress {
  request: DecideRequest;
  /** Changes so far by position in the answer, which targets such as `C1` count. */
  byPosition: (ProposedChange | undefined)[];
  /** Keys of deleted targets, and of targets that a turn has updated. */
  changed: Set<string>;
  changes: ProposedChange[];
  /** By turn, the memories that it took back without naming them. */
  unnamed: Map<number, number>;
  /** Evidence of the turns, each made once it is needed. */
  evidence: Map<number, Evidence>;
}

const evidenceFor = (turn: number, { request, evidence }: Progress): Evidence | undefined => {
  const asked = request.turns[turn];
  const known = evidence.get(turn) ?? (asked && evidenceOf(asked, request.memories));
  if (known) evidence.set(turn, known);
  return known;
};

/**
 * Target for a reference to an earlier change: the change itself if it added a memory, else the target that it updated.
 */
const addedBy = (change: ProposedChange, progress: Progress): Target | undefined => {
  if (change.type === 'ADD') return { change: progress.changes.indexOf(change) };
  return change.type === 'UPDATE' ? change.target : undefined;
};

const targetOf = ({ turn, op, target }: Proposal, progress: Progress): Target | undefined => {
  const [, kind, digits] = memoryOrChange.exec(target ?? '') ?? [];
  const position = Number(digits) - 1;
  if (kind?.toUpperCase().startsWith('M')) {
    return position >= 0 && position < progress.request.memories.length
      ? { memory: position }
      : undefined;
  }
  const change = progress.byPosition[position];
  // A change of its own turn may be completed, but is not taken back: the turn would say nothing of it.
  const last = op === 'UPDATE' ? turn - 1 : turn - 2;
  return change && change.turn <= last ? addedBy(change, progress) : undefined;
};

const keyOf = (target: Target): string =>
  'memory' in target ? `M${target.memory}` : `C${target.change}`;

const keyIn = (target: Target, turn: number): string => `${keyOf(target)} in ${turn}`;

/** Whether a target is deleted, or was already updated in this turn: a turn changes a memory once. */
const isAlreadyChanged = (target: Target, turn: number, { changed }: Progress): boolean =>
  changed.has(keyOf(target)) || changed.has(keyIn(target, turn));

/** Why a change has no support in its turn, if so. */
const unsupported = (change: ProposedChange, progress: Progress): string | undefined => {
  const evidence = evidenceFor(change.turn, progress);
  const target = targetText(change.target, progress.request, progress.changes);
  const problem = evidence && supportProblem(change, evidence, target);
  if (problem !== undefined || change.type !== 'DELETE' || !evidence || means(evidence, target))
    return problem;
  const { unnamed } = progress;
  const count = (unnamed.get(change.turn) ?? 0) + 1;
  unnamed.set(change.turn, count);
  return count > maxUnnamed ? 'the turn takes more back than it names.' : undefined;
};

/** Whether the text has all words of the other one. */
const completes = (text: string, other: string): boolean => {
  const words = new Set(analyze(text));
  return analyze(other).every((word) => words.has(word));
};

/** The update of the same memory that its turn made before, unless the memory was deleted since. */
const earlierUpdate = (
  { type, turn, target }: ProposedChange,
  { changes, changed }: Progress,
): ProposedChange | undefined =>
  type === 'UPDATE' && target && changed.has(keyIn(target, turn)) && !changed.has(keyOf(target))
    ? changes.findLast(
        (other) =>
          other.type === 'UPDATE' &&
          other.turn === turn &&
          other.target !== undefined &&
          keyOf(other.target) === keyOf(target),
      )
    : undefined;

/** A second update of a memory in one turn that does not have the words of the first one, as a memory of its own: both are kept. */
const apart = (change: ProposedChange, progress: Progress): ProposedChange => {
  const { text = '' } = earlierUpdate(change, progress) ?? {};
  if (text === '' || completes(change.text ?? '', text)) return change;
  const { target: _, ...rest } = change;
  return { ...rest, type: 'ADD' };
};

const problemOf = (change: ProposedChange, progress: Progress): string | undefined => {
  const { type: op, turn, target, text } = change;
  if (op === 'NONE') return undefined;
  if (op !== 'DELETE' && !text) return `${op} needs a text.`;
  if (op === 'ADD') return undefined;
  if (!target) return `${op} needs a target: a listed memory, or what an earlier turn added.`;
  if (earlierUpdate(change, progress)) return undefined;
  return isAlreadyChanged(target, turn, progress)
    ? 'its target is changed or deleted already.'
    : undefined;
};

const foldedName = (name: string): string => name.trim().toLowerCase();

/** Names of the categories that a turn offers, by themselves in lower case. */
const offeredBy = ({ options: { categories = [] } }: DecideTurn): Map<string, string> =>
  new Map(categories.map(({ name }) => [foldedName(name), name]));

/** Offered categories that an element names, each once. */
const categoriesOf = ({ categories }: Proposal, turn: DecideTurn): string[] => {
  const offered = offeredBy(turn);
  return [...new Set(categories.flatMap((name) => offered.get(foldedName(name)) ?? []))];
};

/** Structured data of a new text, as far as it agrees with the schema of the turn. */
const dataOf = ({ text, data }: Proposal, { options }: DecideTurn): Metadata | undefined =>
  options.structuredData && text && data !== undefined
    ? structuredDataFrom(options.structuredData, data)
    : undefined;

const changeOf = (proposal: Proposal, turn: DecideTurn, progress: Progress): ProposedChange => {
  const { op } = proposal;
  const message = (proposal.message ?? 0) - 1;
  const target = op === 'ADD' ? undefined : targetOf(proposal, progress);
  const text = op === 'DELETE' ? undefined : proposal.text;
  const reason = proposal.reason ?? (op === 'NONE' ? 'Nothing new to remember.' : undefined);
  const categories = categoriesOf(proposal, turn);
  const structuredData = dataOf(proposal, turn);
  return {
    turn: proposal.turn - 1,
    type: op,
    ...(target && { target }),
    ...(text && { text }),
    ...descriptionOf(describedBy(proposal)),
    ...(text && proposal.date === null && { undated: true as const }),
    ...(turn.messages[message] && { message }),
    ...(categories.length > 0 && { categories }),
    ...(structuredData && { structuredData }),
    ...(reason && { reason }),
  };
};

const unusable = (turn: number, problem: string): ProposedChange => ({
  turn: turn - 1,
  type: 'NONE',
  reason: `A change that the model proposed cannot be used: ${problem}`,
});

const record = (change: ProposedChange, { changes, changed }: Progress): void => {
  changes.push(change);
  const { type, target, turn } = change;
  if (target && type === 'DELETE') changed.add(keyOf(target));
  if (target && type === 'UPDATE') changed.add(keyIn(target, turn));
};

/** Adds a change, or a NONE with the reason why the change is refused. */
const addOrRefuse = (
  { turn }: Proposal,
  change: ProposedChange | undefined,
  refusal: string | undefined,
  progress: Progress,
): void => {
  const used = refusal === undefined ? change : undefined;
  if (used) record(used, progress);
  else progress.changes.push(unusable(turn, refusal ?? ''));
  progress.byPosition.push(used);
};

/**
 * Adds one element of an answer. Returns the problem of an unusable one. A change without support in its turn is refused, but no reason
 * to ask again.
 */
const addElement = (element: unknown, progress: Progress): string | undefined => {
  const { request, byPosition, changes } = progress;
  const read = parseProposal(element, request.turns.length);
  if (!read.ok) {
    if (read.turn !== undefined) changes.push(unusable(read.turn, read.problem));
    byPosition.push(undefined);
    return read.problem;
  }
  const turn = request.turns[read.value.turn - 1];
  const change = turn && apart(changeOf(read.value, turn, progress), progress);
  const problem = change ? problemOf(change, progress) : 'there is no such turn.';
  const refusal = problem ?? (change && unsupported(change, progress));
  addOrRefuse(read.value, change, refusal, progress);
  return problem;
};

/** Adds a NONE for each turn without a change, so that every turn has a result. */
export const withUnchangedTurns = (
  { turns }: Pick<DecideRequest, 'turns'>,
  changes: readonly ProposedChange[],
): ProposedChange[] => {
  const named = new Set(changes.map(({ turn }) => turn));
  const unchangedTurns = turns.flatMap((_, turn): ProposedChange[] =>
    named.has(turn) ? [] : [{ turn, type: 'NONE', reason: 'The model found nothing to remember.' }],
  );
  return [...changes, ...unchangedTurns];
};

/**
 * Converts the elements of an answer to changes with positions from 0, and validates every reference. An unusable element
 * does not affect the others.
 */
export const changesOf = (
  elements: readonly unknown[],
  request: DecideRequest,
): Omit<ParsedChanges, 'isTruncated'> => {
  const progress: Progress = {
    ...{ request, byPosition: [], changes: [] },
    ...{ changed: new Set(), unnamed: new Map(), evidence: new Map() },
  };
  let usable = 0;
  let first: string | undefined;
  for (const [i, element] of elements.slice(0, maxChanges).entries()) {
    const problem = addElement(element, progress);
    if (problem === undefined) usable += 1;
    else first ??= `changes.${i}: ${problem}`;
  }
  const { changes } = progress;
  return { changes, usable, ...(first !== undefined && { problem: first }) };
};
