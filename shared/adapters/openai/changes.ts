import type { DecideRequest, DecideTurn, ProposedChange } from '../../ports/language-model.ts';
import { type Proposal, readProposal } from './proposal.ts';

type Target = NonNullable<ProposedChange['target']>;

/** What the elements of an answer come to. */
export interface ReadChanges {
  /** One that cannot be used stands here as a NONE that says so. */
  changes: ProposedChange[];
  /** Elements that can be used. */
  good: number;
  /** Problem of the first that cannot, which names positions only. */
  problem?: string;
  /** Whether more was to come. */
  isCut: boolean;
}

/** Most elements of an answer that are read: what is beyond is left out. */
const maxChanges = 500;

const memoryOrChange = /^([MC])(\d{1,6})$/i;

interface Progress {
  request: DecideRequest;
  /** Changes so far, by position in the answer: the positions that `C1` counts. */
  byPosition: (ProposedChange | undefined)[];
  /** Targets that nothing may change any more, and those that a turn has changed already. */
  taken: Set<string>;
  changes: ProposedChange[];
}

/** What an earlier turn updated is named by that update's own target: a change is a target only where it added. */
const addedBy = (change: ProposedChange, progress: Progress): Target | undefined => {
  if (change.type === 'ADD') return { change: progress.changes.indexOf(change) };
  return change.type === 'UPDATE' ? change.target : undefined;
};

const targetOf = ({ turn, target }: Proposal, progress: Progress): Target | undefined => {
  const [, kind, digits] = memoryOrChange.exec(target ?? '') ?? [];
  const position = Number(digits) - 1;
  if (kind?.toUpperCase() === 'M') {
    return position >= 0 && position < progress.request.memories.length
      ? { memory: position }
      : undefined;
  }
  const change = progress.byPosition[position];
  return change && change.turn < turn - 1 ? addedBy(change, progress) : undefined;
};

const keyOf = (target: Target): string =>
  'memory' in target ? `M${target.memory}` : `C${target.change}`;

const keyIn = (target: Target, turn: number): string => `${keyOf(target)} in ${turn}`;

/** A turn changes a memory once, and nobody changes what is deleted. */
const isAlreadyChanged = (target: Target, turn: number, { taken }: Progress): boolean =>
  taken.has(keyOf(target)) || taken.has(keyIn(target, turn));

const problemOf = (
  { op }: Proposal,
  { turn, target, text }: ProposedChange,
  progress: Progress,
): string | undefined => {
  if (op === 'NONE') return undefined;
  if (op !== 'DELETE' && !text) return `${op} needs a text.`;
  if (op === 'ADD') return undefined;
  if (!target) return `${op} needs a target: a listed memory, or what an earlier turn added.`;
  return isAlreadyChanged(target, turn, progress)
    ? 'its target is changed or deleted already.'
    : undefined;
};

const offeredBy = ({ options }: DecideTurn): Set<string | undefined> =>
  new Set(options.categories?.map(({ name }) => name));

const changeOf = (proposal: Proposal, turn: DecideTurn, progress: Progress): ProposedChange => {
  const { op } = proposal;
  const message = (proposal.message ?? 0) - 1;
  const target = op === 'ADD' ? undefined : targetOf(proposal, progress);
  const text = op === 'DELETE' ? undefined : proposal.text;
  const reason = proposal.reason ?? (op === 'NONE' ? 'Nothing new to remember.' : undefined);
  const offered = offeredBy(turn);
  const categories = [...new Set(proposal.categories)].filter((name) => offered.has(name));
  return {
    turn: proposal.turn - 1,
    type: op,
    ...(target && { target }),
    ...(text && { text }),
    ...(turn.messages[message] && { message }),
    ...(categories.length > 0 && { categories }),
    ...(reason && { reason }),
  };
};

const unusable = (turn: number, problem: string): ProposedChange => ({
  turn: turn - 1,
  type: 'NONE',
  reason: `A change that the model proposed cannot be used: ${problem}`,
});

const record = (change: ProposedChange, { changes, taken }: Progress): void => {
  changes.push(change);
  const { type, target, turn } = change;
  if (target && type === 'DELETE') taken.add(keyOf(target));
  if (target && type === 'UPDATE') taken.add(keyIn(target, turn));
};

/** Reads one element; its problem, if it cannot be used. */
const take = (element: unknown, progress: Progress): string | undefined => {
  const { request, byPosition, changes } = progress;
  const read = readProposal(element, request.turns.length);
  if (!read.ok) {
    if (read.turn !== undefined) changes.push(unusable(read.turn, read.problem));
    byPosition.push(undefined);
    return read.problem;
  }
  const turn = request.turns[read.value.turn - 1];
  const change = turn && changeOf(read.value, turn, progress);
  const problem = change ? problemOf(read.value, change, progress) : 'there is no such turn.';
  if (change && !problem) record(change, progress);
  else changes.push(unusable(read.value.turn, problem ?? ''));
  byPosition.push(problem ? undefined : change);
  return problem;
};

/** The changes, with a NONE for each turn the model passed over: it learnt nothing, and says so. */
export const withSilent = (
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
 * Elements of an answer as changes: positions from 0, every reference checked. One that cannot be used does not take the
 * others with it.
 */
export const changesOf = (
  elements: readonly unknown[],
  request: DecideRequest,
): Omit<ReadChanges, 'isCut'> => {
  const progress: Progress = { request, byPosition: [], taken: new Set(), changes: [] };
  let good = 0;
  let first: string | undefined;
  for (const [i, element] of elements.slice(0, maxChanges).entries()) {
    const problem = take(element, progress);
    if (problem === undefined) good += 1;
    else first ??= `changes.${i}: ${problem}`;
  }
  const { changes } = progress;
  return { changes, good, ...(first !== undefined && { problem: first }) };
};
