import type { RelevanceWeights } from './relevance.ts';
import type { MatchingCosines } from './relevance-inputs.ts';

/**
 * Facts, by all-MiniLM-L6-v2, the embedded model. Fitted by `npm run fit:relevance` to the training users of bench:relevance, and rounded.
 * The marks are where more than nine of ten nonsense queries of these users find nothing, and 0.3 keeps more than 19 of 20 right answers.
 */
const minilm: RelevanceWeights = {
  bm25: 0.5,
  coverage: 3,
  cosine: 10.85,
  cosineFrom20: 7.4,
  confirmed: 3,
  identifiers: 0.5,
  unknownCode: -1.1,
  rareWords: 0.4,
  names: 0.35,
  speaker: 1.7,
  time: 1.8,
  place: 0.5,
  amount: 0.3,
  reason: 0.3,
  anotherPerson: -3.2,
  specifics: 0,
  quotes: 0,
  ofKind: 0,
  repeats: 0,
  anotherCoverage: -5.4,
  asked: 2,
  oneWord: 2.1,
  length: 1.1,
  states: 0.7,
  after: 0.55,
  session: 2.95,
  completedBefore: 4.55,
  completedAfter: 1.1,
  answers: 1.9,
  cosinesAround: 1.6,
  marks: { unrelated: 7.8, related: 7.83 },
};

/**
 * Words of named persons, by the embedded model: such texts share names and small talk, so words say more of them than cosines. Fitted by
 * `npm run fit:relevance` to the development conversations of LoCoMo, and rounded. Nearly all of their evidence reaches the marks.
 */
const spoken: RelevanceWeights = {
  ...minilm,
  coverage: 6.1,
  cosine: 5,
  cosineFrom20: 0.5,
  confirmed: 0,
  unknownCode: -1.25,
  rareWords: 0.3,
  names: 0,
  speaker: 1.95,
  time: 1.95,
  place: 1.7,
  amount: 0.75,
  reason: 0.85,
  anotherPerson: 0,
  specifics: 0.4,
  quotes: 0.4,
  ofKind: 0.5,
  repeats: -2,
  anotherCoverage: 0,
  asked: 2.4,
  oneWord: 1.9,
  length: 0.95,
  states: 0.5,
  after: 0,
  session: 2.5,
  completedBefore: 5,
  completedAfter: 1.45,
  answers: 1.35,
  cosinesAround: 1.6,
  marks: { unrelated: 5.5, related: 5.53 },
};

/**
 * Any other model. Questions and facts that belong together have cosines of 0.35 to 0.6 in OpenAI's text-embedding-3, others of
 * 0.05 to 0.2, so 0.3 stands for a cosine of nearly 0.3 if no word is shared. Chosen, not fitted, and cautious: a memory found by
 * meaning alone needs a higher cosine than with the embedded model. A model whose cosines are all high finds too much.
 */
const other: RelevanceWeights = {
  ...minilm,
  coverage: 3.25,
  cosine: 8.9,
  cosineFrom20: 4.9,
  confirmed: 2.5,
  names: 0.6,
  anotherPerson: -2.6,
  anotherCoverage: -4.4,
  asked: 2.4,
  oneWord: 1.9,
  length: 1.3,
  marks: { unrelated: 7.75, related: 7.78 },
};

/** Words alone, where one of the texts has no vector. Fitted in the same way with `--lexical`, what a conversation adds last. */
const none: RelevanceWeights = {
  ...minilm,
  coverage: 4.8,
  cosine: 0,
  cosineFrom20: 0,
  confirmed: 0,
  unknownCode: 0,
  rareWords: 1,
  names: 1.5,
  speaker: 2.7,
  time: 2.3,
  anotherPerson: -2.6,
  anotherCoverage: -4.4,
  asked: 1.8,
  oneWord: 0,
  length: 0,
  states: 1.3,
  after: 1,
  session: 2.9,
  completedBefore: 3.9,
  completedAfter: 0.6,
  answers: 2.4,
  cosinesAround: 0,
  marks: { unrelated: 2.2, related: 3.2 },
};

/**
 * Words alone, where both texts have vectors: the least score of a text that has nearly all words of the query, whatever its
 * cosine. Models embed codes, rare names and languages that they do not know at random. With these marks nearly no other text of
 * the training users scores higher by its words than by all inputs.
 */
const words: RelevanceWeights = { ...none, marks: { unrelated: 5.7, related: 6.7 } };

/** Whether a model, such as `minilm-l6-v2@384`, is the embedded one. */
const isMinilm = (model: string): boolean => model.startsWith('minilm-l6-v2@');

/**
 * Returns how far an answer lowers the marks for the other candidates. With another model, whose cosines of unrelated texts are not
 * known, not at all.
 */
export const loweringOf = (model: string | undefined): number =>
  model !== undefined && isMinilm(model) ? 2.5 : 0;

/** Returns the cosines of unrelated and of matching texts by an embedding model. */
export const matchingCosines = (model: string | undefined): MatchingCosines =>
  model === undefined || isMinilm(model) ? { from: 0.2, to: 0.4 } : { from: 0.25, to: 0.45 };

/**
 * Returns the coefficients for a candidate; the best of their scores counts.
 * @param model embedding model of the cosine; undefined when the query or the candidate has no vector
 * @param isSpoken whether the candidate is what a named person said
 */
export const weightsOf = (
  model: string | undefined,
  isSpoken: boolean,
): readonly RelevanceWeights[] => {
  if (model === undefined) return [none];
  if (isSpoken) return [spoken, words];
  return [isMinilm(model) ? minilm : other, words];
};
