import { createWasmMemory, pageBytes, wasmModule } from './wasm.ts';

/**
 * `dot-product.wat` as WebAssembly, several times as fast as JavaScript. Made by `wabt`; a test compares it with the source.
 */
export const dotProductWasm =
  'AGFzbQEAAAABDgJgAn9/AX1gBH9/f38AAhEBBWJsb2NrBm1lbW9yeQIAAQMDAgABBw4CA2RvdAAABGRvdHMAAQrPAQKiAQIBfwR7A0AgAyAC/QAEACAA/QAEAP3mAf3kASEDIAQgAv0ABBAgAP0ABBD95gH95AEhBCAFIAL9AAQgIAD9AAQg/eYB/eQBIQUgBiAC/QAEMCAA/QAEMP3mAf3kASEGIAJBwABqIQIgAEHAAGohACACIAFJDQALIAMgBP3kASAFIAb95AH95AEhAyAD/R8AIAP9HwGSIAP9HwIgA/0fA5KSCykAA0AgAyAAIAEQADgCACADQQRqIQMgACABaiEAIAJBAWshAiACDQALCw==';

interface DotProducts {
  dot(row: number, bytes: number): number;
  dots(row: number, bytes: number, rows: number, out: number): void;
}

const instantiate = wasmModule<DotProducts>(dotProductWasm, 'block');

/** Most rows of one scan. */
export const rowsPerScan = 256;

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
  /** Dot products of rows that follow each other, at most `rowsPerScan`; valid until the next scan. */
  dots(from: number, count: number, query: Float32Array): Float32Array;
}

/** Creates rows in the memory of a WebAssembly instance, which starts with the query and with the results of a scan. */
export const createWasmRows = (dimension: number): VectorRows => {
  const rowBytes =
    Math.ceil((dimension * Float32Array.BYTES_PER_ELEMENT) / rowAlignment) * rowAlignment;
  const stride = rowBytes / Float32Array.BYTES_PER_ELEMENT;
  const firstRow = rowBytes + rowsPerScan * Float32Array.BYTES_PER_ELEMENT;
  const memory = createWasmMemory(firstRow + rowBytes);
  const { dot, dots } = instantiate(memory);
  let values = new Float32Array(memory.buffer);
  /** The query that the memory starts with. */
  let current: Float32Array | undefined;
  const startOf = (row: number): number => firstRow / Float32Array.BYTES_PER_ELEMENT + row * stride;
  const setQuery = (query: Float32Array): void => {
    if (query !== current) values.set(query);
    current = query;
  };

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
      setQuery(query);
      return dot(firstRow + row * rowBytes, rowBytes);
    },
    dots(from, count, query) {
      setQuery(query);
      dots(firstRow + from * rowBytes, rowBytes, count, rowBytes);
      return new Float32Array(values.buffer, rowBytes, count);
    },
  };
};
