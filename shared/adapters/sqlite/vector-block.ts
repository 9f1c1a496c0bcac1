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

/** The hot loop: four sums at once, because each addition waits for the one before. */
const dot = (vectors: Float32Array, start: number, query: Float32Array): number => {
  const { length } = query;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += (vectors[start + i] as number) * (query[i] as number);
    b += (vectors[start + i + 1] as number) * (query[i + 1] as number);
    c += (vectors[start + i + 2] as number) * (query[i + 2] as number);
    d += (vectors[start + i + 3] as number) * (query[i + 3] as number);
  }
  for (; i < length; i++) a += (vectors[start + i] as number) * (query[i] as number);
  return a + b + c + d;
};

const unit = (vector: Float32Array): Float32Array => {
  const norm = Math.sqrt(dot(vector, 0, vector)) || 1;
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
        cosines[row] = dot(vectors, row * dimension, unitQuery);
      return cosines;
    },
  };
};
