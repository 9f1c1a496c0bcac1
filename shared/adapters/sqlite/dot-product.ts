import { createWasmMemory, pageBytes, wasmModule } from './wasm.ts';

/**
 * `dot-product.wat` as WebAssembly, several times as fast as JavaScript. Made by `wabt`; a test compares it with the source.
 */
export const dotProductWasm =
  'AGFzbQEAAAABBwFgAn9/AX0CEQEFYmxvY2sGbWVtb3J5AgABAwIBAAcHAQNkb3QAAAqlAQGiAQIBfwR7A0AgAyAC/QAEACAA/QAEAP3mAf3kASEDIAQgAv0ABBAgAP0ABBD95gH95AEhBCAFIAL9AAQgIAD9AAQg/eYB/eQBIQUgBiAC/QAEMCAA/QAEMP3mAf3kASEGIAJBwABqIQIgAEHAAGohACACIAFJDQALIAMgBP3kASAFIAb95AH95AEhAyAD/R8AIAP9HwGSIAP9HwIgA/0fA5KSCw==';

type Dot = (row: number, bytes: number) => number;

const instantiate = wasmModule<{ dot: Dot }>(dotProductWasm, 'block');

/** Alignment of the rows: the instructions take 16 values at a time. */
const rowAlignment = 64;

/** Vectors of one dimension, by their row. */
export interface VectorRows {
  /** Writes a row, which is at most one beyond the last. */
  set(row: number, vector: Float32Array): void;
  /** Copies a row over another. */
  copy(from: number, to: number): void;
  get(row: number): Float32Array;
  /** Dot product of a row with a query. */
  dot(row: number, query: Float32Array): number;
}

/** Creates rows in the memory of a WebAssembly instance, whose first row is the query. */
export const createWasmRows = (dimension: number): VectorRows => {
  const rowBytes =
    Math.ceil((dimension * Float32Array.BYTES_PER_ELEMENT) / rowAlignment) * rowAlignment;
  const stride = rowBytes / Float32Array.BYTES_PER_ELEMENT;
  const memory = createWasmMemory(2 * rowBytes);
  const { dot } = instantiate(memory);
  let values = new Float32Array(memory.buffer);
  /** The query that the memory starts with. */
  let current: Float32Array | undefined;
  const startOf = (row: number): number => (row + 1) * stride;

  return {
    set(row, vector) {
      // The memory doubles when it is full.
      const missing = startOf(row + 1) * Float32Array.BYTES_PER_ELEMENT - values.byteLength;
      if (missing > 0) {
        memory.grow(Math.max(Math.ceil(missing / pageBytes), values.byteLength / pageBytes));
        values = new Float32Array(memory.buffer);
      }
      values.set(vector, startOf(row));
    },
    copy(from, to) {
      values.copyWithin(startOf(to), startOf(from), startOf(from + 1));
    },
    get: (row) => values.slice(startOf(row), startOf(row) + dimension),
    dot(row, query) {
      if (query !== current) values.set(query);
      current = query;
      return dot((row + 1) * rowBytes, rowBytes);
    },
  };
};
