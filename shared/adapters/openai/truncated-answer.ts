import type { DecideRequest, DecideTurn, ProposedChange } from '../../ports/language-model.ts';

/** Shorter messages, in characters, are not split. */
const minSplitLength = 400;

/** Request about the rest of a turn, after the complete changes of a truncated answer. */
export interface Remainder {
  request: DecideRequest;
  /** Number of leading messages of the turn that the request leaves out. */
  skipped: number;
}

const remainderOfTurn = (
  turn: DecideTurn,
  changes: readonly ProposedChange[],
): { turn: DecideTurn; skipped: number } | undefined => {
  const skipped = changes.reduce((last, { message = 0 }) => Math.max(last, message), 0);
  if (skipped > 0) return { turn: { ...turn, messages: turn.messages.slice(skipped) }, skipped };
  const [first, ...others] = turn.messages;
  if (!first || first.content.length < minSplitLength) return undefined;
  const half = first.content.slice(first.content.length / 2);
  return { turn: { ...turn, messages: [{ ...first, content: half }, ...others] }, skipped };
};

/**
 * Smaller request about the rest of a single turn with a truncated answer; undefined when the request cannot shrink.
 */
export const remainderOf = (
  { turns: [turn], ...known }: DecideRequest,
  changes: readonly ProposedChange[],
): Remainder | undefined => {
  const rest = turn && remainderOfTurn(turn, changes);
  return rest && { request: { turns: [rest.turn], ...known }, skipped: rest.skipped };
};

const isEffective = ({ type }: ProposedChange): boolean => type !== 'NONE';

/** Appends the changes of a remainder, with message positions of the whole turn. */
export const withRemainder = (
  first: readonly ProposedChange[],
  rest: readonly ProposedChange[],
  skipped: number,
): ProposedChange[] => [
  ...first,
  ...rest
    .filter((change) => isEffective(change) || !first.some(isEffective))
    .map(
      ({ message, ...change }): ProposedChange => ({
        ...change,
        ...(message !== undefined && { message: message + skipped }),
      }),
    ),
];

/** Reports that the answer about a turn stayed incomplete. */
export const truncationNotice: ProposedChange = {
  turn: 0,
  type: 'NONE',
  reason: 'The language model’s answer was cut off: there may be more to remember of this turn.',
};

/** Number of leading turns that a truncated answer covers completely: all before the last one that it names. */
export const completeTurns = (changes: readonly ProposedChange[]): number =>
  changes.reduce((last, { turn }) => Math.max(last, turn), 0);
