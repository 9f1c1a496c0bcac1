import type { PineconeRecord } from '@pinecone-database/pinecone';
import { weightsOf } from '../../domain/memory/term-weights.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { metadataOf } from './metadata.ts';
import { sparseVector } from './sparse.ts';

/**
 * Placeholder for an entry without a dense vector: the service rejects zero vectors. Queries exclude it by its missing
 * model.
 */
const zeroVectorPlaceholder = (dimension: number): number[] => [
  1e-6,
  ...Array.from({ length: dimension - 1 }, () => 0),
];

/** Rounds to the precision of a float32, which halves the length in JSON. */
const toFloat32Digits = (value: number): number => Number(value.toPrecision(9));

/** Scales a vector to length one, so that a dot product is a cosine; undefined for a zero or infinite vector. */
export const unitVector = (vector: Float32Array): number[] | undefined => {
  const norm = Math.hypot(...vector);
  if (!(norm > 0 && Number.isFinite(norm))) return undefined;
  return Array.from(vector, (value) => toFloat32Digits(value / norm));
};

/** Record of the service for an entry. Shares no memory with the entry. */
export const recordOf = (entry: IndexEntry, dimension: number): PineconeRecord => {
  const { id, target, dense } = entry;
  const weights = weightsOf(entry.terms);
  const sparseValues = sparseVector(weights);
  const values = dense && unitVector(dense.vector);
  const metadata = metadataOf(
    { id, class: entry.class, target, ...(dense && values ? { model: dense.model } : {}) },
    weights,
  );
  return {
    id,
    values: values ?? zeroVectorPlaceholder(dimension),
    ...(sparseValues ? { sparseValues } : {}),
    metadata,
  };
};
