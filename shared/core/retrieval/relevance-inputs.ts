import type { IndexResult } from '../../ports/vector-index.ts';
import { hasQuote } from './answer-cues.ts';
import type { Candidate } from './candidate.ts';
import { contextScores } from './context-scores.ts';
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
  /** 1 if the query has a code, such as a model name, and the text has no identifier of the query. */
  unknownCode: number;
  /** Number of the query's other words that the candidate has and hardly any other document. */
  rareWords: number;
  /** Number of names in the text that the query has. In what a named person said, these are mostly forms of address. */
  names: number;
  /** 1 if the query names the person who said it. */
  speaker: number;
  /** 1 if the query asks for a time, a place, an amount, or a reason, and the text has one. */
  time: number;
  place: number;
  amount: number;
  reason: number;
  /** Names that a named person said and that neither the query has nor a speaker, and 1 for words in quotation marks, such as a title: small talk has none. */
  specifics: number;
  quotes: number;
  /** 1 if the query asks for a kind of things, such as pets or sports, and a named person named one. */
  ofKind: number;
  /** 1 for a memory of a message of which another memory matches the query better. */
  repeats: number;
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
  /** Cosines of the messages just before and after, as far as they are above those of unrelated texts. */
  cosinesAround: number;
}

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

/** 1 if the query has a code and the text none of its identifiers. */
const lacksCode = ({ hasCode }: QueryCues, identifiers: number): number =>
  hasCode && identifiers === 0 ? 1 : 0;

/** Cues that a candidate may have without a word of the query. */
const cuesOfText = (text: string, { answers, aboutAnother }: QueryCues) => ({
  time: answers.time(text) ? 1 : 0,
  place: answers.place(text) ? 1 : 0,
  amount: answers.amount(text) ? 1 : 0,
  reason: answers.reason(text) ? 1 : 0,
  anotherPerson: aboutAnother(text),
});

/** Longest count of names. */
const maxSpecifics = 3;

/** Computes the names, quotations and things of the asked kind that a named person said: small talk has none. */
const specificsOf = (candidate: Candidate, cues: QueryCues, speakers: ReadonlySet<string>) => {
  if (candidate.speaker === undefined) return { specifics: 0, quotes: 0, ofKind: 0 };
  const names = cues.otherNames(candidate).filter((name) => !speakers.has(name));
  return {
    specifics: Math.min(maxSpecifics, names.length),
    quotes: hasQuote(candidate.text) ? 1 : 0,
    ofKind: cues.answers.kind(candidate.text) ? 1 : 0,
  };
};

/** Words of the names of those who said the candidates. */
const speakersOf = (candidates: readonly Candidate[]): Set<string> => {
  const names = new Set(candidates.flatMap(({ speaker }) => speaker ?? []));
  return new Set([...names].flatMap((name) => name.split(/\s+/)));
};

/** Inputs of a text by itself, whatever the query. */
const weightOfText = (text: string): Pick<Inputs, 'length' | 'states'> => ({
  length: Math.min(maxLength, Math.log(1 + text.length / lengthUnit)),
  states: endsInQuestion(text) ? 0 : 1,
});

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
  const speakers = speakersOf(candidates);

  return (candidate, at) => {
    const coverage = lexical.coverage[at] ?? 0;
    const cosine = Math.max(0, candidate.semantic ?? 0);
    const found = coverage > 0 ? cuesOfWords(candidate, cues) : noCues;
    // Context counts as far as the candidate matches the query by itself.
    const match = ownMatch(coverage, cosine, matching);
    const ofText = cuesOfText(candidate.text, cues);
    const ofSpoken = specificsOf(candidate, cues, speakers);
    const { length, states } = weightOfText(candidate.text);
    const share = (scores: Float64Array): number => match * (scores[at] ?? 0);
    return {
      bm25: lexical.bm25[at] ?? 0,
      coverage,
      cosine,
      cosineFrom20: Math.max(0, cosine - 0.2),
      confirmed: context.confirmed[at] ?? 0,
      identifiers: found.identifiers,
      unknownCode: lacksCode(cues, found.identifiers),
      rareWords: Math.min(maxCount, lexical.rareWords[at] ?? 0),
      names: found.names,
      speaker: found.speaker,
      ...ofText,
      ...ofSpoken,
      repeats: context.repeats[at] ?? 0,
      anotherCoverage: ofText.anotherPerson * coverage,
      asked: 1 - (1 - asks) * (1 - coverage),
      oneWord: asksByMeaning ? 1 : 0,
      length,
      states,
      after: share(context.after),
      session: share(context.session),
      completedBefore: share(context.completedBefore),
      completedAfter: share(context.completedAfter),
      answers: share(context.answers),
      cosinesAround: match * (candidate.cosinesAround ?? 0),
    };
  };
};
