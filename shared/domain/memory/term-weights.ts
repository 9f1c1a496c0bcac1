import { k1, lengthNorm } from '../bm25.ts';
import { sha256 } from '../sha256.ts';

/** Length of an average document, for BM25's length normalisation. Changing this means indexing anew. */
const assumedAvgLength = 24;

/** Terms of one text that are kept. */
const maxTerms = 1_000;

/** Weights by index of the term. */
export type Weights = ReadonlyMap<number, number>;

/** The dimension a stem stands in. Two stems may share one: their counts add up. */
export const indexOfTerm = (stem: string): number =>
  Number.parseInt(sha256(stem, 'hex').slice(0, 8), 16);

/** How much each term of a text weighs, however rare it is: that is the query's to say. The heaviest come first. */
export const weightsOf = (terms: { readonly [stem: string]: number }): Weights => {
  const counts = new Map<number, number>();
  for (const [stem, count] of Object.entries(terms)) {
    const index = indexOfTerm(stem);
    counts.set(index, (counts.get(index) ?? 0) + count);
  }
  const norm = lengthNorm(counts.size, assumedAvgLength);
  const weights = [...counts].map(
    ([index, count]) => [index, (count * (k1 + 1)) / (count + norm)] as const,
  );
  return new Map(weights.sort(([a, x], [b, y]) => y - x || a - b).slice(0, maxTerms));
};

const packedBytes = 6;
const packedUnit = 65_535 / (k1 + 1);

/** Packs the heaviest weights into text, so that a response shows the terms of an entry without its vectors. */
export const packWeights = (weights: Weights, max: number): string => {
  const kept = [...weights].slice(0, max);
  const bytes = Buffer.alloc(kept.length * packedBytes);
  for (const [i, [index, weight]] of kept.entries()) {
    bytes.writeUInt32LE(index, i * packedBytes);
    bytes.writeUInt16LE(Math.round(weight * packedUnit), i * packedBytes + 4);
  }
  return bytes.toString('base64');
};

export const unpackWeights = (text: string): Weights => {
  const bytes = Buffer.from(text, 'base64');
  const weights = new Map<number, number>();
  for (let at = 0; at + packedBytes <= bytes.length; at += packedBytes)
    weights.set(bytes.readUInt32LE(at), bytes.readUInt16LE(at + 4) / packedUnit);
  return weights;
};
