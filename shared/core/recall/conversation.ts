import type { Candidate } from './candidate.ts';

/** A longer silence starts another conversation. */
const silence = 60 * 60 * 1000;

/** How many of the others speak for a conversation. */
const voices = 3;

interface Placed {
  index: number;
  run: string;
  turn: string;
  observedAt: number;
}

const place = ({ id, session, lineage, observedAt }: Candidate, index: number): Placed => {
  const turn = lineage.at(-1) ?? id;
  const run = session === undefined || session === turn || session === id ? '' : session;
  return { index, run, turn, observedAt };
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The candidates of one run that follow each other without a long silence, in the order they were said. */
const conversationsOf = (candidates: readonly Candidate[]): Placed[][] => {
  const placed = candidates
    .map(place)
    .sort(
      (a, b) => compare(a.run, b.run) || a.observedAt - b.observedAt || compare(a.turn, b.turn),
    );
  const conversations: Placed[][] = [];
  let last: Placed | undefined;
  for (const next of placed) {
    const goesOn = last && last.run === next.run && next.observedAt - last.observedAt <= silence;
    if (goesOn) conversations.at(-1)?.push(next);
    else conversations.push([next]);
    last = next;
  }
  return conversations;
};

export interface Surroundings {
  /** Mean relevance of the best others in its conversation, less the larger a share of all it is: what is everywhere tells nothing. */
  session: number;
  /** Relevance of the better of what was said just before and after. */
  neighbour: number;
}

/** What was said around each candidate, by position; `relevance` is each candidate's own. */
export const surroundingsOf = (
  candidates: readonly Candidate[],
  relevance: readonly number[],
): Surroundings[] => {
  const surroundings = candidates.map(() => ({ session: 0, neighbour: 0 }));
  for (const conversation of conversationsOf(candidates)) {
    const own = conversation.map(({ index }) => relevance[index] ?? 0);
    const best = own.toSorted((a, b) => b - a).slice(0, voices + 1);
    const sum = best.reduce((total, value) => total + value, 0);
    const rest = 1 - conversation.length / candidates.length;
    conversation.forEach(({ index }, at) => {
      const others = sum - Math.max(own[at] ?? 0, best[voices] ?? 0);
      surroundings[index] = {
        session: (rest * others) / voices,
        neighbour: Math.max(own[at - 1] ?? 0, own[at + 1] ?? 0),
      };
    });
  }
  return surroundings;
};
