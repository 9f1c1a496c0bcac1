import { createHash } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { Embedder, EmbedOptions } from '../../ports/embedder.ts';
import { createBreaker } from './breaker.ts';
import { createFlights } from './flights.ts';
import { createVectorCache } from './vector-cache.ts';

const keptVectors = 2_000;
/** Asked for to see whether a failing embedder works again. */
const probeText = 'ok';

/** Project, model and text as one key, which holds no text. */
const keyOf = (project: string, model: string, text: string): string =>
  createHash('sha256')
    .update(JSON.stringify([project, model]))
    .update(text)
    .digest('base64');

/**
 * An embedder that is asked no more than it must: vectors of a project's texts are kept for a while, the same texts are
 * asked for once at a time, and one that fails is left alone for a pause, at least as long as it asks for. Vectors that it
 * answers may be shared: they are never written to.
 */
export const createGuardedEmbedder = (embedder: Embedder, clock: Clock): Embedder => {
  const breaker = createBreaker(clock, () => embedder.embed([probeText]));
  const cache = createVectorCache(keptVectors);

  const embed = async (
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> => {
    await breaker.admit();
    try {
      const vectors = await embedder.embed(texts, { signal });
      breaker.succeeded();
      return vectors;
    } catch (error) {
      if (!signal?.aborted) breaker.failed(error);
      throw error;
    }
  };
  const fly = createFlights(embed);

  /** What is kept of these, by key, and the texts of the rest. */
  const lookUp = (keys: readonly string[], texts: readonly string[]) => {
    const vectors = new Map<string, Float32Array>();
    const missing = new Map<string, string>();
    for (const [i, key] of keys.entries()) {
      const kept = cache.get(key);
      if (kept) vectors.set(key, kept);
      else missing.set(key, texts[i] ?? '');
    }
    return { vectors, missing };
  };

  const embedFor = async (
    project: string,
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> => {
    const { model } = embedder;
    const keys = texts.map((text) => keyOf(project, model, text));
    const { vectors, missing } = lookUp(keys, texts);
    const answered = await fly(missing, signal);
    const isSame = embedder.model === model;
    // What was kept does not go with what a model answers that has changed its dimension.
    if (!isSame && vectors.size > 0) return embedFor(project, texts, signal);
    for (const [key, vector] of answered) {
      vectors.set(key, vector);
      if (isSame) cache.set(key, vector);
    }
    return keys.flatMap((key) => vectors.get(key) ?? []);
  };

  return {
    get model() {
      return embedder.model;
    },
    async embed(texts, { project, signal }: EmbedOptions = {}) {
      signal?.throwIfAborted();
      if (texts.length === 0) return [];
      return project === undefined ? embed(texts, signal) : embedFor(project, texts, signal);
    },
    onModelChange: (listener) => embedder.onModelChange?.(listener),
    health: breaker.health,
  };
};
