import { createHash } from 'node:crypto';

/** The vectors of the texts asked for last, least recently used out first. Keyed by hash: it keeps no text. */
export const createVectorCache = (size: number) => {
  const vectors = new Map<string, Float32Array>();
  const keyOf = (text: string): string => createHash('sha256').update(text).digest('base64');

  return {
    get(text: string): Float32Array | undefined {
      const key = keyOf(text);
      const vector = vectors.get(key);
      if (!vector) return undefined;
      vectors.delete(key);
      vectors.set(key, vector);
      return vector;
    },
    set(text: string, vector: Float32Array): void {
      vectors.set(keyOf(text), vector);
      if (vectors.size <= size) return;
      const [oldest] = vectors.keys();
      if (oldest !== undefined) vectors.delete(oldest);
    },
  };
};
