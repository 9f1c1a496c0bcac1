import type { PineconeRecord } from '@pinecone-database/pinecone';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { metadataOf } from './metadata.ts';
import { sparseVector, weightsOf } from './sparse.ts';

/** The service refuses a record without a direction; this one stands for none and is asked for by no model. */
const zeroVectorPlaceholder = (dimension: number): number[] => [
  1e-6,
  ...Array.from({ length: dimension - 1 }, () => 0),
];

/** As many digits as a float32 has: half the length of the double's. */
const toFloat32Digits = (value: number): number => Number(value.toPrecision(9));

/** The vector at length one, so that a dot product is a cosine; undefined when it has no direction. */
export const unitVector = (vector: Float32Array): number[] | undefined => {
  const norm = Math.hypot(...vector);
  if (!(norm > 0 && Number.isFinite(norm))) return undefined;
  return Array.from(vector, (value) => toFloat32Digits(value / norm));
};

/** An entry as the service keeps it, sharing nothing with it. */
export const recordOf = (entry: IndexEntry, dimension: number): PineconeRecord => {
  const { id, target, dense } = entry;
  const weights = weightsOf(entry.terms);
  const sparseValues = sparseVector(weights);
  const values = dense && unitVector(dense.vector);
  const metadata = metadataOf(
    { id, target, ...(dense && values ? { model: dense.model } : {}) },
    weights,
  );
  return {
    id,
    values: values ?? zeroVectorPlaceholder(dimension),
    ...(sparseValues ? { sparseValues } : {}),
    metadata,
  };
};
