/** The vectors asked for last, by key; least recently used out first. */
export const createVectorCache = (size: number) => {
  const vectors = new Map<string, Float32Array>();

  return {
    get(key: string): Float32Array | undefined {
      const vector = vectors.get(key);
      if (!vector) return undefined;
      vectors.delete(key);
      vectors.set(key, vector);
      return vector;
    },
    set(key: string, vector: Float32Array): void {
      vectors.set(key, vector);
      if (vectors.size <= size) return;
      const [oldest] = vectors.keys();
      if (oldest !== undefined) vectors.delete(oldest);
    },
  };
};
