/**
 * BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) with the parameters for short documents.
 * Indexes without document frequencies store weights that are computed from `k1` and `b`: changing either means indexing anew.
 */
export const k1 = 0.9;
const b = 0.4;

/** Term frequency. Reads own properties only, because "constructor" is a word too. */
export const tf = (terms: { readonly [stem: string]: number }, stem: string): number =>
  Object.hasOwn(terms, stem) ? (terms[stem] ?? 0) : 0;

/** Document length normalisation: the longer a document, the slower its term frequencies saturate. */
export const lengthNorm = (length: number, averageLength: number): number =>
  k1 * (1 - b + (b * length) / averageLength);

/** Inverse document frequency as in Lucene, never negative. */
export const idf = (documents: number, frequency: number): number =>
  Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5));

/**
 * Inverse document frequency for small collections, in which most documents may have a term. The result is at least log 2,
 * or above, so that a matching document never loses more than it gains by a further term of the query.
 */
export const smoothedIdf = (documents: number, frequency: number): number =>
  Math.log(1 + (documents + 1) / (frequency + 0.5));
