import { dot } from '../../domain/memory/vector.ts';

/** Vectors of one model, packed in one array, so that a scan reads memory sequentially. */
export interface VectorBlock<Owner> {
  set(owner: Owner, vector: Float32Array): void;
  remove(owner: Owner): void;
  /** Cosine similarity of an owner's vector with a query of unit length; undefined without a vector. */
  cosine(owner: Owner, unitQuery: Float32Array): number | undefined;
}

/** Returns a vector of the same direction and of unit length. */
export const normalize = (vector: Float32Array): Float32Array => {
  const norm = Math.sqrt(dot(vector, vector)) || 1;
  const scaled = new Float32Array(vector.length);
  for (let i = 0; i < vector.length; i++) scaled[i] = (vector[i] as number) / norm;
  return scaled;
};

/** Creates an empty block. The array doubles when full, and a removed row is replaced by the last. */
export const createVectorBlock = <Owner>(dimension: number): VectorBlock<Owner> => {
  let vectors = new Float32Array(dimension * 8);
  const rowOwners: Owner[] = [];
  const rows = new Map<Owner, number>();

  const getOrAddRow = (owner: Owner): number => {
    const existing = rows.get(owner);
    if (existing !== undefined) return existing;
    const row = rowOwners.push(owner) - 1;
    rows.set(owner, row);
    if (rowOwners.length * dimension > vectors.length) {
      const larger = new Float32Array(vectors.length * 2);
      larger.set(vectors);
      vectors = larger;
    }
    return row;
  };

  return {
    set(owner, vector) {
      const row = getOrAddRow(owner);
      // Rows have unit length, so that the dot product is the cosine.
      vectors.set(normalize(vector), row * dimension);
    },
    remove(owner) {
      const row = rows.get(owner);
      if (row === undefined) return;
      rows.delete(owner);
      const last = rowOwners.pop();
      if (last === undefined || last === owner) return;
      vectors.copyWithin(
        row * dimension,
        rowOwners.length * dimension,
        (rowOwners.length + 1) * dimension,
      );
      rowOwners[row] = last;
      rows.set(last, row);
    },
    cosine(owner, unitQuery) {
      const row = rows.get(owner);
      return row === undefined ? undefined : dot(unitQuery, vectors, row * dimension);
    },
  };
};
