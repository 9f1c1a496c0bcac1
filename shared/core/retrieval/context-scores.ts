import type { Candidate } from './candidate.ts';

/** A longer silence starts another conversation. */
const sessionGapMs = 60 * 60 * 1000;

/** How many of the others speak for a conversation. */
const topNeighbours = 3;

interface Positioned {
  index: number;
  run: string;
  turn: string;
  observedAt: number;
}

const place = ({ id, session, lineage, observedAt }: Candidate, index: number): Positioned => {
  const turn = lineage.at(-1) ?? id;
  const run = session === undefined || session === turn || session === id ? '' : session;
  return { index, run, turn, observedAt };
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The candidates of one run that follow each other without a long silence, in the order they were said. */
const groupBySession = (candidates: readonly Candidate[]): Positioned[][] => {
  const placed = candidates
    .map(place)
    .sort(
      (a, b) => compare(a.run, b.run) || a.observedAt - b.observedAt || compare(a.turn, b.turn),
    );
  const conversations: Positioned[][] = [];
  let last: Positioned | undefined;
  for (const next of placed) {
    const goesOn =
      last && last.run === next.run && next.observedAt - last.observedAt <= sessionGapMs;
    if (goesOn) conversations.at(-1)?.push(next);
    else conversations.push([next]);
    last = next;
  }
  return conversations;
};

export interface ContextScores {
  /** Mean relevance of the best others in its conversation, less the larger a share of all it is: what is everywhere tells nothing. */
  session: number;
  /** Relevance of the better of what was said just before and after. */
  neighbour: number;
}

/** What was said around each candidate, by position; `relevance` is each candidate's own. */
export const contextScores = (
  candidates: readonly Candidate[],
  relevance: readonly number[],
): ContextScores[] => {
  const surroundings = candidates.map(() => ({ session: 0, neighbour: 0 }));
  for (const conversation of groupBySession(candidates)) {
    const own = conversation.map(({ index }) => relevance[index] ?? 0);
    const best = own.toSorted((a, b) => b - a).slice(0, topNeighbours + 1);
    const sum = best.reduce((total, value) => total + value, 0);
    const rest = 1 - conversation.length / candidates.length;
    conversation.forEach(({ index }, at) => {
      const others = sum - Math.max(own[at] ?? 0, best[topNeighbours] ?? 0);
      surroundings[index] = {
        session: (rest * others) / topNeighbours,
        neighbour: Math.max(own[at - 1] ?? 0, own[at + 1] ?? 0),
      };
    });
  }
  return surroundings;
};
