import { dot } from '../../domain/memory/vector.ts';

/** Vectors of one model, packed in one array so that a scan reads memory in order. */
export interface VectorBlock<Owner> {
  /** Whose vector each row is. */
  owners: readonly Owner[];
  set(owner: Owner, vector: Float32Array): void;
  remove(owner: Owner): void;
  rowOf(owner: Owner): number | undefined;
  /** Of each row with the query. */
  cosines(query: Float32Array): Float32Array;
}

const unit = (vector: Float32Array): Float32Array => {
  const norm = Math.sqrt(dot(vector, vector)) || 1;
  const scaled = new Float32Array(vector.length);
  for (let i = 0; i < vector.length; i++) scaled[i] = (vector[i] as number) / norm;
  return scaled;
};

export const createVectorBlock = <Owner>(dimension: number): VectorBlock<Owner> => {
  let vectors = new Float32Array(dimension * 8);
  const owners: Owner[] = [];
  const rows = new Map<Owner, number>();

  const rowFor = (owner: Owner): number => {
    const known = rows.get(owner);
    if (known !== undefined) return known;
    const row = owners.push(owner) - 1;
    rows.set(owner, row);
    if (owners.length * dimension > vectors.length) {
      const larger = new Float32Array(vectors.length * 2);
      larger.set(vectors);
      vectors = larger;
    }
    return row;
  };

  return {
    owners,
    set(owner, vector) {
      const row = rowFor(owner);
      // Rows are kept at unit length: the dot product is the cosine.
      vectors.set(unit(vector), row * dimension);
    },
    remove(owner) {
      const row = rows.get(owner);
      if (row === undefined) return;
      rows.delete(owner);
      const last = owners.pop();
      if (last === undefined || last === owner) return;
      vectors.copyWithin(
        row * dimension,
        owners.length * dimension,
        (owners.length + 1) * dimension,
      );
      owners[row] = last;
      rows.set(last, row);
    },
    rowOf: (owner) => rows.get(owner),
    cosines(query) {
      const unitQuery = unit(query);
      const cosines = new Float32Array(owners.length);
      for (let row = 0; row < cosines.length; row++)
        cosines[row] = dot(unitQuery, vectors, row * dimension);
      return cosines;
    },
  };
};
