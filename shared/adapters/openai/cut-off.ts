import type { DecideRequest, DecideTurn, ProposedChange } from '../../ports/language-model.ts';

/** Shorter messages are not asked about in parts. */
const minSplit = 400;

/** What is left to ask about a turn after the changes that came whole, and how many of its messages are left out. */
export interface Rest {
  request: DecideRequest;
  skipped: number;
}

const restOfTurn = (
  turn: DecideTurn,
  changes: readonly ProposedChange[],
): { turn: DecideTurn; skipped: number } | undefined => {
  const skipped = changes.reduce((last, { message = 0 }) => Math.max(last, message), 0);
  if (skipped > 0) return { turn: { ...turn, messages: turn.messages.slice(skipped) }, skipped };
  const [first, ...others] = turn.messages;
  if (!first || first.content.length < minSplit) return undefined;
  const half = first.content.slice(first.content.length / 2);
  return { turn: { ...turn, messages: [{ ...first, content: half }, ...others] }, skipped };
};

/** A smaller request about the rest of the one turn whose answer was cut off; undefined where nothing is smaller. */
export const restOf = (
  { turns: [turn], memories }: DecideRequest,
  changes: readonly ProposedChange[],
): Rest | undefined => {
  const rest = turn && restOfTurn(turn, changes);
  return rest && { request: { turns: [rest.turn], memories }, skipped: rest.skipped };
};

const isLearnt = ({ type }: ProposedChange): boolean => type !== 'NONE';

/** Changes of the rest after those that came first, with positions of the whole. */
export const withRest = (
  first: readonly ProposedChange[],
  rest: readonly ProposedChange[],
  skipped: number,
): ProposedChange[] => [
  ...first,
  ...rest
    .filter((change) => isLearnt(change) || !first.some(isLearnt))
    .map(
      ({ message, ...change }): ProposedChange => ({
        ...change,
        ...(message !== undefined && { message: message + skipped }),
      }),
    ),
];

/** Says of a turn that there was more to its answer. */
export const cutOff: ProposedChange = {
  turn: 0,
  type: 'NONE',
  reason: 'The language model’s answer was cut off: there may be more to remember of this turn.',
};

/** Oldest turns that an answer which was cut off is whole about: all before the last that it names. */
export const wholeTurns = (changes: readonly ProposedChange[]): number =>
  changes.reduce((last, { turn }) => Math.max(last, turn), 0);
