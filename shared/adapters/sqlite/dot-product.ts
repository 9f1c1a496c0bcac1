import { type Codes, distanceFrom, encodeUnit } from './vector-codes.ts';
import { createWasmMemory, pageBytes, wasmModule } from './wasm.ts';

/**
 * `dot-product.wat` as WebAssembly, several times as fast as JavaScript. Made by `wabt`; a test compares it with the source.
 */
export const dotProductWasm =
  'AGFzbQEAAAABDwJgAn9/AX1gBX9/f39/AAIRAQVibG9jawZtZW1vcnkCAAEDAwIAAQcOAgNkb3QAAARzY2FuAAEKkwMCogECAX8EewNAIAMgAv0ABAAgAP0ABAD95gH95AEhAyAEIAL9AAQQIAD9AAQQ/eYB/eQBIQQgBSAC/QAEICAA/QAEIP3mAf3kASEFIAYgAv0ABDAgAP0ABDD95gH95AEhBiACQcAAaiECIABBwABqIQAgAiABSQ0ACyADIAT95AEgBSAG/eQB/eQBIQMgA/0fACAD/R8BkiAD/R8CIAP9HwOSkgvsAQIDfwJ7A0AgACEFIAEhBiABIANqIQf9DAAAAAAAAAAAAAAAAAAAAAAhCP0MAAAAAAAAAAAAAAAAAAAAACEJA0AgCCAF/QAEACAG/QEDAP26Af2uASEIIAkgBf0ABBAgBv0BAwj9ugH9rgEhCSAIIAX9AAQgIAb9AQMQ/boB/a4BIQggCSAF/QAEMCAG/QEDGP26Af2uASEJIAVBwABqIQUgBkEgaiEGIAYgB0kNAAsgCCAJ/a4BIQggBCAI/RsAIAj9GwFqIAj9GwIgCP0bA2pqNgIAIARBBGohBCAHIQEgAkEBayECIAINAAsL';

interface DotProducts {
  dot(row: number, bytes: number): number;
  scan(query: number, row: number, rows: number, bytes: number, out: number): void;
}

const instantiate = wasmModule<DotProducts>(dotProductWasm, 'block');

/** Most rows of one scan. */
export const rowsPerScan = 256;

/** Alignment of vectors and codes: the instructions take 64 bytes at a time. */
const alignment = 64;
const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** Bound of what rounding to float32 adds to a dot product of unit vectors. */
const roundingError = 1e-4;

/** Bounds of dot products. */
export interface Bounds {
  min: Float64Array;
  max: Float64Array;
}

/** Vectors of one dimension, by their row. */
export interface VectorRows {
  /** Writes a row, which is at most one beyond the last. */
  set(row: number, vector: Float32Array): void;
  /** Copies a row over another. */
  copy(from: number, to: number): void;
  get(row: number): Float32Array;
  /** Dot product of a row with a query. */
  dot(row: number, query: Float32Array): number;
  /**
   * Bounds of the dot products of rows that follow each other, at most `rowsPerScan` from a multiple of it on. All vectors have unit
   * length.
   */
  bounds(from: number, count: number, query: Float32Array): Bounds;
}

/** Codes with the distance of the vector from them. */
interface CodedVector extends Codes {
  distance: number;
}

/**
 * Creates rows in the memory of a WebAssembly instance, which starts with the query, its codes, and the results of a scan. Chunks follow,
 * of the vectors and then the codes of `rowsPerScan` rows: reading a quarter of the bytes, a scan bounds the dot products, which decides
 * most of them.
 */
export const createWasmRows = (dimension: number): VectorRows => {
  const vectorBytes = aligned(dimension * Float32Array.BYTES_PER_ELEMENT);
  const codeBytes = aligned(dimension);
  const chunkBytes = rowsPerScan * (vectorBytes + codeBytes);
  /** The codes of the query have two bytes each. */
  const out = vectorBytes + 2 * codeBytes;
  const firstChunk = out + rowsPerScan * Int32Array.BYTES_PER_ELEMENT;
  const memory = createWasmMemory(firstChunk + chunkBytes);
  const { dot, scan } = instantiate(memory);
  let bytes = new Uint8Array(memory.buffer);
  /** Value of code 1, and distance from the codes, by row. */
  const scales: number[] = [];
  const distances: number[] = [];
  let codedQuery: CodedVector | undefined;
  /** The query that the memory starts with. */
  let current: Float32Array | undefined;
  const chunkOf = (row: number): number => firstChunk + Math.floor(row / rowsPerScan) * chunkBytes;
  const vectorAt = (row: number): number => chunkOf(row) + (row % rowsPerScan) * vectorBytes;
  const codesAt = (row: number): number =>
    chunkOf(row) + rowsPerScan * vectorBytes + (row % rowsPerScan) * codeBytes;

  const encode = (vector: Float32Array): CodedVector => {
    const coded = encodeUnit(vector);
    return { ...coded, distance: distanceFrom(vector, coded) };
  };
  const setQuery = (query: Float32Array): CodedVector => {
    if (query !== current || !codedQuery) {
      codedQuery = encode(query);
      new Float32Array(bytes.buffer, 0, dimension).set(query);
      new Int16Array(bytes.buffer, vectorBytes, dimension).set(codedQuery.codes);
    }
    current = query;
    return codedQuery;
  };

  return {
    set(row, vector) {
      // The memory doubles when it is full.
      const missing = chunkOf(row) + chunkBytes - bytes.byteLength;
      if (missing > 0) {
        memory.grow(Math.ceil(Math.max(missing, bytes.byteLength) / pageBytes));
        bytes = new Uint8Array(memory.buffer);
      }
      const { codes, scale, distance } = encode(vector);
      new Float32Array(bytes.buffer, vectorAt(row), dimension).set(vector);
      new Int8Array(bytes.buffer, codesAt(row), dimension).set(codes);
      scales[row] = scale;
      distances[row] = distance;
    },
    copy(from, to) {
      bytes.copyWithin(vectorAt(to), vectorAt(from), vectorAt(from) + vectorBytes);
      bytes.copyWithin(codesAt(to), codesAt(from), codesAt(from) + codeBytes);
      scales[to] = scales[from] ?? 1;
      distances[to] = distances[from] ?? 0;
    },
    get: (row) => new Float32Array(bytes.buffer, vectorAt(row), dimension).slice(),
    dot(row, query) {
      setQuery(query);
      return dot(vectorAt(row), vectorBytes);
    },
    bounds(from, count, query) {
      const { scale, distance } = setQuery(query);
      scan(vectorBytes, codesAt(from), count, codeBytes, out);
      const products = new Int32Array(bytes.buffer, out, count);
      const min = new Float64Array(count);
      const max = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const product = (products[i] ?? 0) * (scales[from + i] ?? 0) * scale;
        // The query as encoded is at most this long, and the vector of the row has unit length.
        const error = (1 + distance) * (distances[from + i] ?? 0) + distance + roundingError;
        min[i] = product - error;
        max[i] = product + error;
      }
      return { min, max };
    },
  };
};
