import { createHash } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { Embedder, EmbedOptions } from '../../ports/embedder.ts';
import { createBreaker } from './breaker.ts';
import { createFlights } from './flights.ts';

const maxCachedVectors = 2_000;
/** Text of the probe of the breaker. */
const probeText = 'ok';

/** LRU cache: evicts the least recently used vector. */
const createVectorCache = (maxSize: number) => {
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
      if (vectors.size <= maxSize) return;
      const [oldest] = vectors.keys();
      if (oldest !== undefined) vectors.delete(oldest);
    },
  };
};

/** Cache key of project, model and text; a hash, so that the cache holds no text. */
const keyOf = (project: string, model: string, text: string): string =>
  createHash('sha256')
    .update(JSON.stringify([project, model]))
    .update(text)
    .digest('base64');

/**
 * Decorates an embedder with an LRU cache per project, single flight for equal texts, and a circuit breaker that respects
 * `Retry-After`. Calls without a project are neither cached nor shared. Cache and breaker live in memory: a restart loses
 * them, which costs only time. Returned vectors are shared between callers and must not be modified.
 */
export const createGuardedEmbedder = (embedder: Embedder, clock: Clock): Embedder => {
  const breaker = createBreaker(clock, () =>
    // Queries wait for the probe, too.
    embedder.embed([probeText], { priority: 'query' }),
  );
  const cache = createVectorCache(maxCachedVectors);

  const embed = async (
    texts: readonly string[],
    { signal, priority }: EmbedOptions,
  ): Promise<Float32Array[]> => {
    await breaker.admit();
    try {
      const vectors = await embedder.embed(texts, { signal, priority });
      breaker.succeeded();
      return vectors;
    } catch (error) {
      if (!signal?.aborted) breaker.failed(error);
      throw error;
    }
  };
  const embedOnce = createFlights(embed);

  /** Cached vectors by key, and the missing texts by key. */
  const lookUp = (keys: readonly string[], texts: readonly string[]) => {
    const vectors = new Map<string, Float32Array>();
    const missing = new Map<string, string>();
    for (const [i, key] of keys.entries()) {
      const cached = cache.get(key);
      if (cached) vectors.set(key, cached);
      else missing.set(key, texts[i] ?? '');
    }
    return { vectors, missing };
  };

  const embedFor = async (
    project: string,
    texts: readonly string[],
    options: EmbedOptions,
  ): Promise<Float32Array[]> => {
    const { model } = embedder;
    const keys = texts.map((text) => keyOf(project, model, text));
    const { vectors, missing } = lookUp(keys, texts);
    const embedded = await embedOnce(missing, options);
    const isSame = embedder.model === model;
    // The model changed its dimension during the call: cached and new vectors do not fit together.
    if (!isSame && vectors.size > 0) return embedFor(project, texts, options);
    for (const [key, vector] of embedded) {
      vectors.set(key, vector);
      if (isSame) cache.set(key, vector);
    }
    return keys.flatMap((key) => vectors.get(key) ?? []);
  };

  return {
    get model() {
      return embedder.model;
    },
    async embed(texts, { project, ...options }: EmbedOptions = {}) {
      options.signal?.throwIfAborted();
      if (texts.length === 0) return [];
      return project === undefined ? embed(texts, options) : embedFor(project, texts, options);
    },
    onModelChange: (listener) => embedder.onModelChange?.(listener),
    health: breaker.health,
  };
};
