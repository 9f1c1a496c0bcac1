import type { MatchingCosines, RelevanceWeights } from './relevance.ts';

/**
 * all-MiniLM-L6-v2, the embedded model. Fitted by `npm run fit:relevance` to the training users of bench:relevance and to the
 * development conversations of LoCoMo (`--ranking 1 --nonsense 10`), and rounded; `spoken` so that as much evidence reaches 0.1 as without
 * it. The marks drop nine of ten nonsense queries of the training users, and keep 19 of 20 right answers.
 */
const minilm: RelevanceWeights = {
  bm25: 0.5,
  coverage: 3.25,
  cosine: 10.8,
  cosineFrom20: 4.9,
  confirmed: 2.5,
  identifiers: 0.5,
  rareWords: 0.4,
  names: 0.6,
  speaker: 1.45,
  spoken: 2.15,
  spokenCosine: -9.1,
  spokenCoverage: 2.65,
  time: 1.85,
  anotherPerson: -2.6,
  anotherCoverage: -4.4,
  asked: 2.4,
  oneWord: 1.9,
  length: 1.3,
  states: 0.7,
  after: 0.6,
  session: 2.3,
  completedBefore: 4.3,
  completedAfter: 1,
  answers: 2.2,
  marks: { unrelated: 7.75, related: 7.78 },
};

/**
 * Any other model. Questions and facts that belong together have cosines of 0.35 to 0.6 in OpenAI's text-embedding-3, others of
 * 0.05 to 0.2, so 0.3 stands for a cosine of nearly 0.3 if no word is shared. Chosen, not fitted, and cautious: a memory found by
 * meaning alone needs a higher cosine than with the embedded model. A model whose cosines are all high finds too much.
 */
const other: RelevanceWeights = { ...minilm, cosine: 8.9, spokenCosine: -7.2 };

/** Words alone, where one of the texts has no vector. Fitted in the same way with `--lexical`, what a conversation adds last. */
const none: RelevanceWeights = {
  ...minilm,
  coverage: 4.8,
  cosine: 0,
  cosineFrom20: 0,
  confirmed: 0,
  rareWords: 1,
  names: 1.5,
  speaker: 2.7,
  spoken: 0,
  spokenCosine: 0,
  spokenCoverage: 0,
  time: 2.3,
  asked: 1.8,
  oneWord: 0,
  length: 0,
  states: 1.3,
  after: 1,
  session: 2.9,
  completedBefore: 3.9,
  completedAfter: 0.6,
  answers: 2.4,
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
 * Returns how far a certain answer lowers the marks for the others, at most. With another model, whose cosines of unrelated texts are not
 * known, not at all.
 */
export const maxLoweringOf = (model: string | undefined): number =>
  model !== undefined && isMinilm(model) ? 2 : 0;

/** Returns the cosines of unrelated and of matching texts by an embedding model. */
export const matchingCosines = (model: string | undefined): MatchingCosines =>
  model === undefined || isMinilm(model) ? { from: 0.2, to: 0.4 } : { from: 0.25, to: 0.45 };

/**
 * Returns the coefficients for a candidate; the best of their scores counts.
 * @param model embedding model of the cosine; undefined when the query or the candidate has no vector
 */
export const weightsOf = (model: string | undefined): readonly RelevanceWeights[] =>
  model === undefined ? [none] : [isMinilm(model) ? minilm : other, words];
