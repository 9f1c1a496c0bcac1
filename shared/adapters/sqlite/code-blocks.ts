import type { Codes } from './vector-codes.ts';
import { createWasmMemory, pageBytes, wasmModule } from './wasm.ts';

/** `code-scan.wat` as WebAssembly. Made by `wabt`; a test compares it with the source. */
export const codeScanWasm =
  'AGFzbQEAAAABCQFgBX9/f39/AAIRAQVjb2RlcwZtZW1vcnkCAAEDAgEABwgBBHNjYW4AAAqcAQGZAQIBfwN7A0BBACEF/QwAAAAAAAAAAAAAAAAAAAAAIQYDQCAAIAVq/QAEACEHIAEgBWr9AAQAIQggBiAHIAj9nAH9fiAHIAj9nQH9fv2uAf2uASEGIAVBEGohBSAFIANJDQALIAQgBv0bACAG/RsBaiAG/RsCIAb9GwNqajYCACAEQQRqIQQgASADaiEBIAJBAWshAiACDQALCw==';

type Scan = (query: number, row: number, rows: number, stride: number, out: number) => void;

const instantiate = wasmModule<{ scan: Scan }>(codeScanWasm, 'codes');
const rowsPerChunk = 256;

/** Codes of vectors of one dimension, by row. */
export interface CodeBlock {
  rows(): number;
  add(codes: Int8Array, scale: number): number;
  /** Overwrites a row with zeroes. */
  erase(row: number): void;
  /** Approximate cosine of each row with a query. */
  scan(query: Codes): Float32Array;
  bytes(): number;
  /** Gives the memory back, overwritten with zeroes. */
  free(): void;
}

/** Creates blocks in one memory, which all blocks share, since each memory reserves gigabytes of addresses. */
export const createCodeBlocks = () => {
  const memory = createWasmMemory(pageBytes);
  const { scan } = instantiate(memory);
  let end = 0;
  /** Chunks that were given back, by size. */
  const unused = new Map<number, number[]>();

  const take = (bytes: number): number => {
    const again = unused.get(bytes)?.pop();
    if (again !== undefined) return again;
    const at = end;
    end += bytes;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    return at;
  };
  const out = take(rowsPerChunk * Int32Array.BYTES_PER_ELEMENT);

  return {
    create(dimension: number): CodeBlock {
      const stride = Math.max(16, Math.ceil(dimension / 16) * 16);
      const chunkBytes = stride * rowsPerChunk;
      const query = take(stride);
      const chunks: number[] = [];
      let scales = new Float32Array(rowsPerChunk);
      let count = 0;
      const zero = (at: number, bytes: number): void =>
        void new Uint8Array(memory.buffer, at, bytes).fill(0);
      const startOf = (row: number): number =>
        (chunks[Math.floor(row / rowsPerChunk)] ?? 0) + (row % rowsPerChunk) * stride;
      return {
        rows: () => count,
        add(codes, scale) {
          const row = count++;
          if (row % rowsPerChunk === 0) chunks.push(take(chunkBytes));
          if (row === scales.length) {
            const larger = new Float32Array(Math.ceil(row * 1.25));
            larger.set(scales);
            scales = larger;
          }
          new Int8Array(memory.buffer, startOf(row), stride).set(codes);
          scales[row] = scale;
          return row;
        },
        erase: (row) => zero(startOf(row), stride),
        scan({ codes, scale }) {
          const cosines = new Float32Array(count);
          new Int8Array(memory.buffer, query, stride).set(codes);
          for (const [index, chunk] of chunks.entries()) {
            const first = index * rowsPerChunk;
            const rows = Math.min(rowsPerChunk, count - first);
            scan(query, chunk, rows, stride, out);
            const dots = new Int32Array(memory.buffer, out, rows);
            for (let i = 0; i < rows; i++)
              cosines[first + i] = (dots[i] ?? 0) * (scales[first + i] ?? 0) * scale;
          }
          return cosines;
        },
        bytes: () => chunks.length * chunkBytes + scales.byteLength,
        free() {
          for (const chunk of chunks) zero(chunk, chunkBytes);
          zero(query, stride);
          unused.set(chunkBytes, [...(unused.get(chunkBytes) ?? []), ...chunks.splice(0)]);
          unused.set(stride, [...(unused.get(stride) ?? []), query]);
          count = 0;
        },
      };
    },
  };
};

export type CodeBlocks = ReturnType<typeof createCodeBlocks>;
