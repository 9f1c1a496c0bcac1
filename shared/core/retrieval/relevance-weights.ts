import type { MatchingCosines, RelevanceWeights } from './relevance.ts';

/**
 * all-MiniLM-L6-v2, the embedded model. Fitted by `npm run fit:relevance` to the training users of bench:relevance and to the
 * development conversations of LoCoMo (`--ranking 1 --nonsense 10`), and rounded. The marks drop nine of ten nonsense queries and
 * keep 19 of 20 right answers of the training users.
 */
const minilm: RelevanceWeights = {
  bm25: 0.5,
  coverage: 2.35,
  cosine: 8.5,
  cosineFrom20: 3.3,
  confirmed: 3.3,
  identifiers: 0.5,
  rareWords: 0.6,
  names: 1,
  speaker: 3.5,
  speakerCosine: -5.4,
  speakerCoverage: 1.5,
  time: 1.7,
  anotherPerson: -2,
  anotherCoverage: -3.5,
  asked: 2.8,
  oneWord: 1.2,
  length: 1.8,
  states: 1.1,
  before: 2.1,
  after: 0.4,
  session: 4.5,
  marks: { unrelated: 8.3, related: 8.33 },
};

/**
 * Any other model. Questions and facts that belong together have cosines of 0.35 to 0.6 in OpenAI's text-embedding-3, others of
 * 0.05 to 0.2, so 0.3 stands for a cosine of nearly 0.3 if no word is shared. Chosen, not fitted, and cautious: a memory found by
 * meaning alone needs a higher cosine than with the embedded model. A model whose cosines are all high finds too much.
 */
const other: RelevanceWeights = { ...minilm, cosine: 6.5 };

/** Words alone, where one of the texts has no vector. Fitted in the same way with `--lexical`. */
const none: RelevanceWeights = {
  ...minilm,
  coverage: 4.8,
  cosine: 0,
  cosineFrom20: 0,
  confirmed: 0,
  rareWords: 1,
  names: 1.5,
  speaker: 2.4,
  speakerCosine: 0,
  speakerCoverage: 0.6,
  time: 2.3,
  asked: 1.8,
  oneWord: 0,
  length: 0,
  states: 1.3,
  before: 2.3,
  after: 0.7,
  session: 5,
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

/** Returns the cosines of unrelated and of matching texts by an embedding model. */
export const matchingCosines = (model: string | undefined): MatchingCosines =>
  model === undefined || isMinilm(model) ? { from: 0.2, to: 0.4 } : { from: 0.25, to: 0.45 };

/**
 * Returns the coefficients for a candidate; the best of their scores counts.
 * @param model embedding model of the cosine; undefined when the query or the candidate has no vector
 */
export const weightsOf = (model: string | undefined): readonly RelevanceWeights[] =>
  model === undefined ? [none] : [isMinilm(model) ? minilm : other, words];
