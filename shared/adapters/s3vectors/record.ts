import type { PutInputVector } from '@aws-sdk/client-s3vectors';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { vectorKey } from './layout.ts';
import { metadataOf } from './metadata.ts';

/**
 * Vector of an entry that has none: the service refuses zero vectors. Queries exclude such an entry by its missing model.
 */
export const placeholderVector = (dimension: number): number[] =>
  Array.from({ length: dimension }, (_, i) => (i === 0 ? 1 : 0));

/**
 * Values with the digits of a float32, which halves the length in JSON; undefined for a zero or infinite vector, which the service
 * refuses.
 */
export const storableVector = (vector: Float32Array): number[] | undefined => {
  const norm = Math.hypot(...vector);
  if (!(norm > 0 && Number.isFinite(norm))) return undefined;
  return Array.from(vector, (value) => Number((value / norm).toPrecision(9)));
};

/** Vector of the service for an entry. Shares no memory with the entry. */
export const recordOf = (
  project: string,
  { dense, ...entry }: IndexEntry,
  dimension: number,
): PutInputVector => {
  const values = dense && storableVector(dense.vector);
  return {
    key: vectorKey(project, entry.id),
    data: { float32: values ?? placeholderVector(dimension) },
    metadata: metadataOf(project, {
      ...entry,
      ...(dense && values ? { model: dense.model } : {}),
    }),
  };
};
