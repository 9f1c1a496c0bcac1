import type { Candidate } from './candidate.ts';
import type { LexicalScores } from './lexical-scores.ts';
import { endsInQuestion } from './questions.ts';

/** A longer gap between two candidates starts another session. */
const sessionGapMs = 60 * 60 * 1000;

/** Number of best other places whose mean relevance is a session's score. */
const topPlaces = 3;

type Positioned = Pick<
  Candidate,
  'id' | 'session' | 'lineage' | 'observedAt' | 'position' | 'semantic' | 'isMessage' | 'text'
>;

/** A message with the memories drawn from it: one place of a conversation. */
interface Place {
  members: number[];
  relevance: number;
}

interface Located {
  index: number;
  run: string;
  turn: string;
  position: number;
  observedAt: number;
}

const locate = (
  { id, session, lineage, observedAt, position = 0 }: Positioned,
  index: number,
): Located => {
  const turn = lineage.at(-1) ?? id;
  const run = session === undefined || session === turn || session === id ? '' : session;
  return { index, run, turn, position, observedAt };
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Groups the candidates of one run that follow each other without a longer gap, place by place in the order of conversation. */
const sessionsOf = (candidates: readonly Positioned[], relevance: ArrayLike<number>): Place[][] => {
  const located = candidates
    .map(locate)
    .sort(
      (a, b) =>
        compare(a.run, b.run) ||
        a.observedAt - b.observedAt ||
        compare(a.turn, b.turn) ||
        a.position - b.position,
    );
  const sessions: Place[][] = [];
  let last: Located | undefined;
  for (const next of located) {
    const own = relevance[next.index] ?? 0;
    const continues =
      last && last.run === next.run && next.observedAt - last.observedAt <= sessionGapMs;
    const session = continues ? sessions.at(-1) : undefined;
    const place = session?.at(-1);
    if (session && place && last?.turn === next.turn && last.position === next.position) {
      place.members.push(next.index);
      place.relevance = Math.max(place.relevance, own);
    } else if (session) session.push({ members: [next.index], relevance: own });
    else sessions.push([{ members: [next.index], relevance: own }]);
    last = next;
  }
  return sessions;
};

/** Context of each candidate, by its position in `candidates`. */
export interface ContextScores {
  /** Relevance of the place just after it in its session. */
  after: Float64Array;
  /**
   * Mean relevance of the best other places of its session, discounted by the session's share of all places: a session that
   * holds nearly all of them does not distinguish them.
   */
  session: Float64Array;
  /** Cosine of a memory or that of its message, whichever is lower; of a message, that of its best memory. 0 when unknown. */
  confirmed: Float64Array;
  /** 1 for a memory of a place of which another memory matches better, by words and by meaning. */
  repeats: Uint8Array;
  /** Share of the query's words that near places before it, and after it, have and its own place has not. */
  completedBefore: Float64Array;
  completedAfter: Float64Array;
  /** Relevance of the place just before it, if that is a question. */
  answers: Float64Array;
}

/** Best cosines of the message and of the memories of a place; undefined without any. */
const cosinesOf = ({ members }: Place, candidates: readonly Positioned[]) => {
  let message: number | undefined;
  let memory: number | undefined;
  for (const member of members) {
    const { semantic, isMessage } = candidates[member] ?? {};
    if (semantic === undefined) continue;
    if (isMessage) message = Math.max(message ?? 0, semantic);
    else memory = Math.max(memory ?? 0, semantic);
  }
  return { message, memory };
};

/** Writes the confirmed cosine of each member of a place. */
const confirm = (
  place: Place,
  candidates: readonly Positioned[],
  confirmed: Float64Array,
): void => {
  const { message, memory } = cosinesOf(place, candidates);
  for (const member of place.members) {
    const { semantic = 0, isMessage } = candidates[member] ?? {};
    const other = isMessage ? memory : message;
    confirmed[member] = Math.max(0, Math.min(semantic, other ?? semantic));
  }
};

/** Marks each memory of a place but the one that matches best. */
const markRepeats = (
  { members }: Place,
  candidates: readonly Positioned[],
  relevance: ArrayLike<number>,
  repeats: Uint8Array,
): void => {
  const matchOf = (at: number): number => (relevance[at] ?? 0) + (candidates[at]?.semantic ?? 0);
  const memories = members.filter((at) => !candidates[at]?.isMessage);
  memories.sort((a, b) => matchOf(b) - matchOf(a));
  for (const at of memories.slice(1)) repeats[at] = 1;
};

/** Weights of the words of the next place, the one behind it and a third one. */
const nearness = [1, 0.67, 0.33];

type FoundWords = Pick<LexicalScores, 'found' | 'shares'>;

/**
 * Returns a function that computes the share of the query's words that the next places in a direction add to those of a place. A word
 * counts once, in the nearest place that has it.
 */
const completionBy = (
  session: readonly Place[],
  { found, shares }: FoundWords,
): ((at: number, direction: 1 | -1) => number) => {
  /** By stem, the last run that has met it. */
  const metIn = new Uint32Array(shares.length);
  let run = 0;
  const addPlace = (place: Place | undefined): number => {
    let added = 0;
    for (const member of place?.members ?? [])
      for (const stem of found[member] ?? []) {
        if (metIn[stem] === run) continue;
        metIn[stem] = run;
        added += shares[stem] ?? 0;
      }
    return added;
  };
  return (at, direction) => {
    run += 1;
    addPlace(session[at]);
    return nearness.reduce(
      (sum, weight, i) => sum + weight * addPlace(session[at + direction * (i + 1)]),
      0,
    );
  };
};

const isQuestion = ({ members }: Place, candidates: readonly Positioned[]): boolean =>
  members.some((member) => endsInQuestion(candidates[member]?.text ?? ''));

/** Writes what the words around each place add to its own. */
const addCompletions = (
  session: readonly Place[],
  candidates: readonly Positioned[],
  words: FoundWords,
  scores: ContextScores,
): void => {
  const completion = completionBy(session, words);
  for (const [at, { members }] of session.entries()) {
    const last = session[at - 1];
    const before = completion(at, -1);
    const after = completion(at, 1);
    const answers = last && last.relevance > 0 && isQuestion(last, candidates) ? last.relevance : 0;
    for (const member of members) {
      scores.completedBefore[member] = before;
      scores.completedAfter[member] = after;
      scores.answers[member] = answers;
    }
  }
};

/** Writes the context of each member of a session's places. */
const addSession = (session: readonly Place[], places: number, scores: ContextScores): void => {
  const best = session
    .map((place) => place.relevance)
    .sort((a, b) => b - a)
    .slice(0, topPlaces + 1);
  const sum = best.reduce((total, value) => total + value, 0);
  const rest = (1 - session.length / places) / topPlaces;
  for (const [at, place] of session.entries()) {
    const others = sum - Math.max(place.relevance, best[topPlaces] ?? 0);
    for (const member of place.members) {
      scores.after[member] = session[at + 1]?.relevance ?? 0;
      scores.session[member] = rest * others;
    }
  }
};

/**
 * Scores the conversational context of each candidate. A memory and the message it was drawn from are one place, so neither
 * is context of the other.
 * @param relevance each candidate's own relevance, by the same position
 * @param words words of the query that each candidate has, by the same position
 */
export const contextScores = (
  candidates: readonly Positioned[],
  relevance: ArrayLike<number>,
  words: FoundWords,
): ContextScores => {
  const { length } = candidates;
  const scores: ContextScores = {
    after: new Float64Array(length),
    session: new Float64Array(length),
    confirmed: new Float64Array(length),
    repeats: new Uint8Array(length),
    completedBefore: new Float64Array(length),
    completedAfter: new Float64Array(length),
    answers: new Float64Array(length),
  };
  const sessions = sessionsOf(candidates, relevance);
  const places = sessions.reduce((sum, session) => sum + session.length, 0);
  for (const session of sessions) {
    for (const place of session) {
      confirm(place, candidates, scores.confirmed);
      if (place.members.length > 1) markRepeats(place, candidates, relevance, scores.repeats);
    }
    if (session.length === 1) continue;
    addSession(session, places, scores);
    addCompletions(session, candidates, words, scores);
  }
  return scores;
};
