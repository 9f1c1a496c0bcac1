import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Embedder } from '../../shared/ports/embedder.ts';

const hashLength = 32;
const batch = 64;

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Reads records of a hash and its vector. */
const read = (file: string, width: number): Map<string, Float32Array> => {
  const bytes = readFileSync(file);
  const vectors = new Map<string, Float32Array>();
  for (let at = 0; at + hashLength + width <= bytes.length; at += hashLength + width) {
    const key = bytes.toString('hex', at, at + hashLength);
    const from = at + hashLength;
    vectors.set(key, new Float32Array(Uint8Array.from(bytes.subarray(from, from + width)).buffer));
  }
  return vectors;
};

/** Wraps an embedder so that it embeds each text once; with a file, once over all runs. A file serves one embedder. */
export const keepVectors = async (embedder: Embedder, file: string | undefined) => {
  const [probe] = await embedder.embed(['probe']);
  const kept =
    file && existsSync(file) ? read(file, probe?.byteLength ?? 0) : new Map<string, Float32Array>();

  return async (texts: readonly string[]): Promise<Float32Array[]> => {
    const missing = texts.filter((text) => !kept.has(hashOf(text).toString('hex')));
    for (let at = 0; at < missing.length; at += batch) {
      const some = missing.slice(at, at + batch);
      const vectors = await embedder.embed(some);
      for (const [i, vector] of vectors.entries()) {
        const hash = hashOf(some[i] ?? '');
        kept.set(hash.toString('hex'), vector);
        if (file) appendFileSync(file, Buffer.concat([hash, Buffer.from(vector.slice().buffer)]));
      }
    }
    return texts.flatMap((text) => kept.get(hashOf(text).toString('hex')) ?? []);
  };
};
