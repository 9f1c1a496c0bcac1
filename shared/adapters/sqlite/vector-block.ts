import { dot } from '../../domain/memory/vector.ts';
import { type Bounds, createWasmRows, rowsPerScan, type VectorRows } from './dot-product.ts';
import { normalize } from './vector-codes.ts';

/** Vectors of one model, packed in one array, so that a scan reads memory sequentially. */
export interface VectorBlock<Owner> {
  set(owner: Owner, vector: Float32Array): void;
  remove(owner: Owner): void;
  /** Cosine similarity of an owner's vector with a query of unit length; undefined without a vector. */
  cosine(owner: Owner, unitQuery: Float32Array): number | undefined;
  /** The owner of each row, in order. */
  owners: readonly Owner[];
  /** Bounds of the cosines of rows that follow each other from `from` on, as many as a step computes. */
  bounds(from: number, unitQuery: Float32Array): Bounds;
}

/** Rows from which a block is kept for WebAssembly: an instance costs more than it saves on fewer. */
const wasmFromRows = 128;

/** Rows in an array that doubles when it is full. */
const createPlainRows = (dimension: number): VectorRows => {
  let values = new Float32Array(dimension * 8);
  return {
    set(row, vector) {
      if ((row + 1) * dimension > values.length) {
        const larger = new Float32Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      values.set(vector, row * dimension);
    },
    copy(from, to) {
      values.copyWithin(to * dimension, from * dimension, (from + 1) * dimension);
    },
    get: (row) => values.slice(row * dimension, (row + 1) * dimension),
    dot: (row, query) => dot(query, values, row * dimension),
    bounds(from, count, query) {
      const dots = Float64Array.from({ length: count }, (_, i) =>
        dot(query, values, (from + i) * dimension),
      );
      return { min: dots, max: dots };
    },
  };
};

/** Creates an empty block. A removed row is replaced by the last. */
export const createVectorBlock = <Owner>(dimension: number): VectorBlock<Owner> => {
  let rows = createPlainRows(dimension);
  const owners: Owner[] = [];
  const rowOf = new Map<Owner, number>();

  const moveToWasm = (): void => {
    const moved = createWasmRows(dimension);
    for (const row of owners.keys()) moved.set(row, rows.get(row));
    rows = moved;
  };

  return {
    owners,
    set(owner, vector) {
      const row = rowOf.get(owner) ?? owners.length;
      if (row === owners.length) {
        if (row === wasmFromRows) moveToWasm();
        owners.push(owner);
        rowOf.set(owner, row);
      }
      // Rows have unit length, so that the dot product is the cosine.
      rows.set(row, normalize(vector));
    },
    remove(owner) {
      const row = rowOf.get(owner);
      if (row === undefined) return;
      rowOf.delete(owner);
      const last = owners.pop();
      if (last === undefined || last === owner) return;
      rows.copy(owners.length, row);
      owners[row] = last;
      rowOf.set(last, row);
    },
    cosine(owner, unitQuery) {
      const row = rowOf.get(owner);
      return row === undefined ? undefined : rows.dot(row, unitQuery);
    },
    bounds: (from, unitQuery) =>
      rows.bounds(from, Math.min(rowsPerScan, owners.length - from), unitQuery),
  };
};
