import type { DecideRequest, DecideTurn, ProposedChange } from '../../ports/language-model.ts';
import type { Proposal, Read } from './answer.ts';

type Target = NonNullable<ProposedChange['target']>;

const refused = (problem: string): { ok: false; problem: string } => ({ ok: false, problem });

const filled = (text: string | null | undefined): string | undefined =>
  text?.toWellFormed().trim() || undefined;

const memoryOrChange = /^\s*([MC])(\d{1,6})\s*$/i;

/** What an earlier turn updated is named by that update's own target: a change is a target only where it added. */
const addedBy = (change: ProposedChange, position: number): Target | undefined => {
  if (change.type === 'ADD') return { change: position };
  return change.type === 'UPDATE' ? change.target : undefined;
};

const targetOf = (
  { turn, target }: Proposal,
  memories: number,
  earlier: readonly ProposedChange[],
): Target | undefined => {
  const [, kind, digits] = memoryOrChange.exec(target ?? '') ?? [];
  const position = Number(digits) - 1;
  if (kind?.toUpperCase() === 'M') {
    return position >= 0 && position < memories ? { memory: position } : undefined;
  }
  const change = earlier[position];
  return change && change.turn < turn - 1 ? addedBy(change, position) : undefined;
};

const isSame = (a: Target, b: Target | undefined): boolean =>
  b !== undefined && JSON.stringify(a) === JSON.stringify(b);

/** A turn changes a memory once, and nobody changes what is deleted. */
const isTaken = (target: Target, turn: number, earlier: readonly ProposedChange[]): boolean =>
  earlier.some(
    (change) =>
      isSame(target, change.target) &&
      (change.type === 'DELETE' || (change.type === 'UPDATE' && change.turn === turn)),
  );

const problemOf = (
  { op }: Proposal,
  { turn, target, text }: ProposedChange,
  earlier: readonly ProposedChange[],
): string | undefined => {
  if (op === 'NONE') return undefined;
  if (op !== 'DELETE' && !text) return `${op} needs a text.`;
  if (op === 'ADD') return undefined;
  if (!target) return `${op} needs a target: a listed memory, or what an earlier turn added.`;
  return isTaken(target, turn, earlier) ? 'its target is already changed or deleted.' : undefined;
};

const categoriesOf = (proposal: Proposal, { options }: DecideTurn): string[] => {
  const offered = new Set(options.categories?.map(({ name }) => name));
  return [...new Set(proposal.categories)].filter((name) => offered.has(name));
};

const changeOf = (
  proposal: Proposal,
  { turns, memories }: DecideRequest,
  earlier: readonly ProposedChange[],
): Read<ProposedChange> => {
  const { op } = proposal;
  const turn = turns[proposal.turn - 1];
  if (!turn) return refused('there is no such turn.');
  const message = (proposal.message ?? 0) - 1;
  const target = op === 'ADD' ? undefined : targetOf(proposal, memories.length, earlier);
  const text = op === 'DELETE' ? undefined : filled(proposal.text);
  const reason =
    filled(proposal.reason) ?? (op === 'NONE' ? 'Nothing new to remember.' : undefined);
  const categories = categoriesOf(proposal, turn);
  const change: ProposedChange = {
    turn: proposal.turn - 1,
    type: op,
    ...(target && { target }),
    ...(text && { text }),
    ...(turn.messages[message] && { message }),
    ...(categories.length > 0 && { categories }),
    ...(reason && { reason }),
  };
  const problem = problemOf(proposal, change, earlier);
  return problem ? refused(problem) : { ok: true, value: change };
};

/** Turns the model passed over learnt nothing, and say so. */
const silent = ({ turns }: DecideRequest, changes: readonly ProposedChange[]): ProposedChange[] =>
  turns.flatMap((_, turn) =>
    changes.some((change) => change.turn === turn)
      ? []
      : [{ turn, type: 'NONE', reason: 'The model found nothing to remember.' }],
  );

/**
 * Proposals as changes: positions from 0, every reference checked, at least one change for each turn. The problem, if
 * there is one, names positions only.
 */
export const changesOf = (
  proposals: readonly Proposal[],
  request: DecideRequest,
): Read<ProposedChange[]> => {
  const changes: ProposedChange[] = [];
  for (const [i, proposal] of proposals.entries()) {
    const read = changeOf(proposal, request, changes);
    if (!read.ok) return refused(`changes.${i}: ${read.problem}`);
    changes.push(read.value);
  }
  return { ok: true, value: [...changes, ...silent(request, changes)] };
};
