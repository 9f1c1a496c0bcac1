import type { IndexResult } from '../../ports/vector-index.ts';
import type { Candidate } from './candidate.ts';
import { type ContextScores, contextScores } from './context-scores.ts';
import type { LexicalScores } from './lexical-scores.ts';
import { type QueryCues, queryCues } from './query-cues.ts';
import { endsInQuestion, isAsking, namesSubject } from './questions.ts';

export interface RankRequest {
  query: string;
  queryTerms: readonly string[];
  candidates: readonly Candidate[];
  statistics?: IndexResult['statistics'];
  /** Whether the query counts as a question, whatever its form. Default: by its form. */
  isQuestion?: boolean;
  /** Embedding model of the cosines. */
  model?: string;
  /** Whether a candidate that is clearly related lowers the marks for the others. */
  lowersMarks?: boolean;
}

/** Inputs of the relevance of a candidate. But for context and the statistics of words, none depends on other candidates. */
export interface Inputs {
  /** BM25 score as a share of the query's score on itself, 0..1. */
  bm25: number;
  /** Share of the query's words that the candidate has, each weighted by its idf, 0..1. */
  coverage: number;
  /** Cosine with the query, and its excess over 0.2: the curve is steeper where texts are related. */
  cosine: number;
  cosineFrom20: number;
  /** Cosine that a memory and the message it was drawn from both reach: a wording that is near by chance is not confirmed. */
  confirmed: number;
  /** Number of the query's identifiers that the text has exactly. */
  identifiers: number;
  /** Number of the query's other words that the candidate has and hardly any other document. */
  rareWords: number;
  /** Number of names in the text that the query has. In what a named person said, these are mostly forms of address. */
  names: number;
  /** 1 if the query names the person who said it. */
  speaker: number;
  /** 1 for what a named person said, its cosine, and its coverage: such texts share names and small talk, so words say more of them. */
  spoken: number;
  spokenCosine: number;
  spokenCoverage: number;
  /** 1 if the query asks for a time and the text has one. */
  time: number;
  /** How far the query asks about a person and the text is about another one, 0..1. */
  anotherPerson: number;
  /** Coverage of such a candidate, as far: a word of the query says little about the wrong person. */
  anotherCoverage: number;
  /** 1 for a query that asks something, or is one word that no candidate has; of other words, the share that the candidate has. */
  asked: number;
  /** 1 for a query that is one word, such as "salary", that no candidate has: its vector is farther from what answers it. */
  oneWord: number;
  /** Length of the text, growing by its logarithm: short texts say little. */
  length: number;
  /** 1 for a text that is not a question itself. */
  states: number;
  /** Words of the query in the place just after, and in the best other places of its session. */
  after: number;
  session: number;
  /** Share of the query's words that the places before, and after, add to those of its own place; near ones count more. */
  completedBefore: number;
  completedAfter: number;
  /** Words of the query in a question just before, which the text may answer. */
  answers: number;
}

/**
 * Coefficients of the relevance of a candidate: log odds, but for the constant, which `marks` replace. The sums from which a
 * candidate scores 0.1 (`unrelated`) and 0.3 (`related`) are marks, too.
 */
export type RelevanceWeights = { readonly [input in keyof Inputs]: number } & {
  readonly marks: { readonly unrelated: number; readonly related: number };
};

/** More of a count makes a candidate no more relevant. */
const maxCount = 2;
/** Characters per unit of length before the logarithm, and the bound after it. */
const lengthUnit = 40;
const maxLength = 2;
/** Cosines of unrelated texts are mostly below `from`; from `to` on a text counts as a match by itself. */
export interface MatchingCosines {
  from: number;
  to: number;
}

/** Share of the query's words from which on a text counts as a match by itself. */
const matchingCoverage = 0.4;

/** How far a candidate matches the query by itself, 0..1. Context lifts nothing else. */
const ownMatch = (coverage: number, cosine: number, { from, to }: MatchingCosines): number =>
  Math.min(1, coverage / matchingCoverage + Math.max(0, cosine - from) / (to - from));

/** Whether a candidate matches the query at all. */
export const isMatch = ({ coverage, cosine }: Pick<Inputs, 'coverage' | 'cosine'>): boolean =>
  coverage > 0 || cosine > 0;

/** Cues that a candidate can only have if it has a word of the query. */
const cuesOfWords = (
  candidate: Pick<Candidate, 'text' | 'terms' | 'speaker'>,
  cues: QueryCues,
): Pick<Inputs, 'identifiers' | 'names' | 'speaker'> => ({
  identifiers: Math.min(maxCount, cues.identifiers(candidate.text)),
  names: candidate.speaker === undefined ? Math.min(maxCount, cues.names(candidate)) : 0,
  speaker: candidate.speaker !== undefined && cues.isNamed(candidate.speaker) ? 1 : 0,
});
const noCues = { identifiers: 0, names: 0, speaker: 0 };

/** Cues that a candidate may have without a word of the query. */
const cuesOfText = (text: string, cues: QueryCues): Pick<Inputs, 'time' | 'anotherPerson'> => ({
  time: cues.hasTime(text) ? 1 : 0,
  anotherPerson: cues.aboutAnother(text),
});

/** Inputs of a text by itself, whatever the query. */
const weightOfText = (text: string): Pick<Inputs, 'length' | 'states'> => ({
  length: Math.min(maxLength, Math.log(1 + text.length / lengthUnit)),
  states: endsInQuestion(text) ? 0 : 1,
});

/** Inputs of the candidate at a position by its conversation, as far as it matches the query by itself. */
const inputsOfContext = (
  { after, session, completedBefore, completedAfter, answers }: ContextScores,
  at: number,
  match: number,
) => {
  const share = (scores: Float64Array): number => match * (scores[at] ?? 0);
  return {
    after: share(after),
    session: share(session),
    completedBefore: share(completedBefore),
    completedAfter: share(completedAfter),
    answers: share(answers),
  };
};

/** Returns a function that computes the inputs of a candidate at a position. */
export const inputsOf = (
  { query, queryTerms, candidates, isQuestion }: RankRequest,
  lexical: LexicalScores,
  matching: MatchingCosines,
): ((candidate: Candidate, at: number) => Inputs) => {
  const cues = queryCues(query, queryTerms);
  // Where no text has the only word of a query, the query asks for what it means.
  const asksByMeaning = namesSubject(query) && lexical.coverage.every((share) => share === 0);
  const asks = (isQuestion ?? (isAsking(query) || asksByMeaning)) ? 1 : 0;
  const words = lexical.coverage.map((coverage, at) => (coverage + (lexical.bm25[at] ?? 0)) / 2);
  const context = contextScores(candidates, words, lexical);

  return (candidate, at) => {
    const coverage = lexical.coverage[at] ?? 0;
    const cosine = Math.max(0, candidate.semantic ?? 0);
    const found = coverage > 0 ? cuesOfWords(candidate, cues) : noCues;
    const spoken = candidate.speaker === undefined ? 0 : 1;
    const match = ownMatch(coverage, cosine, matching);
    const { time, anotherPerson } = cuesOfText(candidate.text, cues);
    return {
      bm25: lexical.bm25[at] ?? 0,
      coverage,
      cosine,
      cosineFrom20: Math.max(0, cosine - 0.2),
      confirmed: context.confirmed[at] ?? 0,
      identifiers: found.identifiers,
      rareWords: Math.min(maxCount, lexical.rareWords[at] ?? 0),
      names: found.names,
      speaker: found.speaker,
      spoken,
      spokenCosine: spoken * cosine,
      spokenCoverage: spoken * coverage,
      time,
      anotherPerson,
      anotherCoverage: anotherPerson * coverage,
      asked: 1 - (1 - asks) * (1 - coverage),
      oneWord: asksByMeaning ? 1 : 0,
      ...weightOfText(candidate.text),
      ...inputsOfContext(context, at, match),
    };
  };
};

const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));
const logOdds = (share: number): number => Math.log(share / (1 - share));

/** Scores that callers compare with: below the first nothing is related, from the second on a memory is. */
const marks = { unrelated: logOdds(0.1), related: logOdds(0.3) };

/** Score of a sum of weighted inputs: the sums of the two marks get their scores, others keep their distance to the nearer mark. */
const scoreOf = (sum: number, { unrelated, related }: RelevanceWeights['marks']): number => {
  if (sum >= related) return logistic(sum - related + marks.related);
  if (sum <= unrelated) return logistic(sum - unrelated + marks.unrelated);
  const share = (sum - unrelated) / (related - unrelated);
  return logistic(marks.unrelated + share * (marks.related - marks.unrelated));
};

/** Relevance of a candidate, 0..1, and the part of it that is due to its context. */
export interface Relevance {
  score: number;
  context: number;
}

/**
 * Sum of what a text has by itself and of its context. Context alone relates no text to the query: one that is unrelated by itself
 * stays below the mark of related texts.
 */
const withContext = (
  own: number,
  around: number,
  { unrelated, related }: RelevanceWeights['marks'],
): number => {
  const sum = own + around;
  if (own >= unrelated || sum <= unrelated) return sum;
  return unrelated + (related - unrelated) * (1 - Math.exp(unrelated - sum));
};

const relevanceBy = (inputs: Inputs, weights: RelevanceWeights): Relevance => {
  const own =
    weights.bm25 * inputs.bm25 +
    weights.coverage * inputs.coverage +
    weights.cosine * inputs.cosine +
    weights.cosineFrom20 * inputs.cosineFrom20 +
    weights.confirmed * inputs.confirmed +
    weights.identifiers * inputs.identifiers +
    weights.rareWords * inputs.rareWords +
    weights.names * inputs.names +
    weights.speaker * inputs.speaker +
    weights.spoken * inputs.spoken +
    weights.spokenCosine * inputs.spokenCosine +
    weights.spokenCoverage * inputs.spokenCoverage +
    weights.time * inputs.time +
    weights.anotherPerson * inputs.anotherPerson +
    weights.anotherCoverage * inputs.anotherCoverage +
    weights.asked * inputs.asked +
    weights.oneWord * inputs.oneWord +
    weights.length * inputs.length +
    weights.states * inputs.states;
  const around =
    weights.after * inputs.after +
    weights.session * inputs.session +
    weights.completedBefore * inputs.completedBefore +
    weights.completedAfter * inputs.completedAfter +
    weights.answers * inputs.answers;
  const score = scoreOf(withContext(own, around, weights.marks), weights.marks);
  return { score, context: around > 0 ? score - scoreOf(own, weights.marks) : 0 };
};

/** Relevance of a candidate by the coefficients by which it is best; 0 if the candidate does not match the query at all. */
export const relevanceOf = (inputs: Inputs, all: readonly RelevanceWeights[]): Relevance => {
  let best: Relevance = { score: 0, context: 0 };
  if (!isMatch(inputs)) return best;
  for (const weights of all) {
    const relevance = relevanceBy(inputs, weights);
    if (relevance.score > best.score) best = relevance;
  }
  return best;
};

/**
 * Returns how far the best score of a query lowers the marks for its other candidates. A query about something that the memories know is
 * no nonsense, so its further answers need less evidence: a weak paraphrase, or the second of several.
 * @param max bound of the lowering, as a sum of weighted inputs
 */
export const loweringBy = (best: number, max: number): number =>
  Math.min(max, Math.max(0, logOdds(best) - marks.related));

/** Weights with lower marks. */
export const withLowerMarks = (weights: RelevanceWeights, by: number): RelevanceWeights => ({
  ...weights,
  marks: { unrelated: weights.marks.unrelated - by, related: weights.marks.related - by },
});

/** Score to show for a score by lower marks: clearly related texts keep the score of the usual marks, and the order stays. */
export const withoutLowering = (score: number, by: number): number => {
  const above = logOdds(score) - marks.related;
  if (by === 0 || above <= 0) return score;
  return logistic(marks.related + (above < 2 * by ? above / 2 : above - by));
};
