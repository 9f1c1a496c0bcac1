import type { Candidate } from './candidate.ts';

/** A longer gap between two candidates starts another session. */
const sessionGapMs = 60 * 60 * 1000;

/** Number of best other members whose mean relevance is a session's score. */
const topNeighbours = 3;

interface Positioned {
  index: number;
  run: string;
  turn: string;
  observedAt: number;
}

const toPositioned = (
  { id, session, lineage, observedAt }: Candidate,
  index: number,
): Positioned => {
  const turn = lineage.at(-1) ?? id;
  const run = session === undefined || session === turn || session === id ? '' : session;
  return { index, run, turn, observedAt };
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Groups the candidates of one run that follow each other without a longer gap, in the order of conversation. */
const groupBySession = (candidates: readonly Candidate[]): Positioned[][] => {
  const positioned = candidates
    .map(toPositioned)
    .sort(
      (a, b) => compare(a.run, b.run) || a.observedAt - b.observedAt || compare(a.turn, b.turn),
    );
  const sessions: Positioned[][] = [];
  let last: Positioned | undefined;
  for (const next of positioned) {
    const continues =
      last && last.run === next.run && next.observedAt - last.observedAt <= sessionGapMs;
    if (continues) sessions.at(-1)?.push(next);
    else sessions.push([next]);
    last = next;
  }
  return sessions;
};

export interface ContextScores {
  /**
   * Mean relevance of the best other candidates of its session, discounted by the session's share of all candidates: a
   * session that holds nearly all of them does not distinguish them.
   */
  session: number;
  /** Relevance of the better of the two candidates just before and just after it in its session. */
  neighbour: number;
}

/**
 * Scores the conversational context of each candidate, by its position in `candidates`.
 * @param relevance each candidate's own relevance, by the same position
 */
export const contextScores = (
  candidates: readonly Candidate[],
  relevance: readonly number[],
): ContextScores[] => {
  const scores = candidates.map(() => ({ session: 0, neighbour: 0 }));
  for (const session of groupBySession(candidates)) {
    const own = session.map(({ index }) => relevance[index] ?? 0);
    const best = own.toSorted((a, b) => b - a).slice(0, topNeighbours + 1);
    const sum = best.reduce((total, value) => total + value, 0);
    const rest = 1 - session.length / candidates.length;
    session.forEach(({ index }, at) => {
      const others = sum - Math.max(own[at] ?? 0, best[topNeighbours] ?? 0);
      scores[index] = {
        session: (rest * others) / topNeighbours,
        neighbour: Math.max(own[at - 1] ?? 0, own[at + 1] ?? 0),
      };
    });
  }
  return scores;
};
