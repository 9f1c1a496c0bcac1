import type { Codes } from './vector-codes.ts';
import { createWasmMemory, pageBytes, wasmModule } from './wasm.ts';

/** `code-scan.wat` as WebAssembly. Made by `wabt`; a test compares it with the source. */
export const codeScanWasm =
  'AGFzbQEAAAABDgJgAXsBf2AFf39/f38AAhEBBWNvZGVzBm1lbW9yeQIAAQMDAgABBwgBBHNjYW4AAQr6AQIZACAA/RsAIAD9GwFqIAD9GwIgAP0bA2pqC90BAgN/BHsgACADaiEGA0AgACEFIAEgA2ohB/0MAAAAAAAAAAAAAAAAAAAAACEI/QwAAAAAAAAAAAAAAAAAAAAAIQkDQCAF/QEDACEKIAX9AQMIIQsgCCAKIAH9AQMA/boBIAsgAf0BAwj9ugH9rgH9rgEhCCAJIAogB/0BAwD9ugEgCyAH/QEDCP26Af2uAf2uASEJIAVBEGohBSABQRBqIQEgB0EQaiEHIAUgBkkNAAsgBCAIEAA2AgAgBCAJEAA2AgQgBEEIaiEEIAchASACQQJrIQIgAkEASg0ACws=';

type Scan = (query: number, row: number, rows: number, stride: number, out: number) => void;

const instantiate = wasmModule<{ scan: Scan }>(codeScanWasm, 'codes');
const rowsPerChunk = 256;

/** Codes of vectors of one dimension, by row. */
export interface CodeBlock {
  rows(): number;
  /** Adds rows, whose codes follow each other, and returns the first one. */
  add(codes: Int8Array, scales: Float32Array): number;
  /** Takes memory for the scales of further rows: codes are added in chunks, which are not copied. */
  reserve(rows: number): void;
  /** Overwrites a row with zeroes. */
  erase(row: number): void;
  /** Approximate cosine of each row with a query. The result starts at the start of the array. */
  scan(query: Codes, into?: Float32Array): Float32Array;
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
      const resize = (length: number): void => {
        const larger = new Float32Array(length);
        larger.set(scales);
        scales = larger;
      };
      const addScales = (added: Float32Array): void => {
        const length = count + added.length;
        if (length > scales.length) resize(Math.ceil(length * 1.25));
        scales.set(added, count);
      };
      const startOf = (row: number): number =>
        (chunks[Math.floor(row / rowsPerChunk)] ?? 0) + (row % rowsPerChunk) * stride;
      return {
        rows: () => count,
        add(codes, added) {
          const first = count;
          addScales(added);
          for (let done = 0; done < added.length; ) {
            if (count % rowsPerChunk === 0) chunks.push(take(chunkBytes));
            // Rows without padding are copied together, up to the end of the chunk.
            const rows =
              stride === dimension
                ? Math.min(added.length - done, rowsPerChunk - (count % rowsPerChunk))
                : 1;
            const part = codes.subarray(done * dimension, (done + rows) * dimension);
            new Int8Array(memory.buffer, startOf(count), rows * stride).set(part);
            count += rows;
            done += rows;
          }
          return first;
        },
        reserve(rows) {
          if (count + rows > scales.length) resize(count + rows);
        },
        erase: (row) => zero(startOf(row), stride),
        scan({ codes, scale }, into = new Float32Array(count)) {
          const cosines = into.subarray(0, count);
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
