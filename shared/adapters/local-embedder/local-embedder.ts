import type { Embedder } from '../../ports/embedder.ts';
import { createBatchQueue } from './batch-queue.ts';
import { hashedVector } from './hashed-vector.ts';
import { createModelThread } from './model-thread.ts';

const dimensions = 512;
/** Longer texts are truncated: facts and questions are shorter, and the cost grows with the length. */
const maxCharacters = 2_000;

/**
 * Whether most letters of a text are Latin. The model was trained on English: all Chinese sentences, or all emoji, get
 * the same vector. Such texts and blank ones get a hashed vector instead.
 */
const isSupportedScript = (text: string): boolean => {
  const latin = text.match(/[\p{Script=Latin}\p{N}]/gu)?.length ?? 0;
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  return letters > 0 && latin * 3 > letters * 2;
};

export interface LocalEmbedder extends Embedder {
  /** Loads the model before its first use. Never rejects: the next `embed` tries again and reports the failure. */
  warm(): Promise<void>;
  /** Ends the thread and rejects pending calls. */
  close(): Promise<void>;
}

/**
 * Sentence embeddings without a service: Universal Sentence Encoder lite, English, in a worker thread that `warm` or the
 * first text starts. Concurrent calls share batches. A thread that dies rejects its pending calls, and the next call starts
 * a new one.
 * @throws RetryableError embedder_unavailable; the signal's reason once aborted
 */
export const createLocalEmbedder = ({
  workerFile = new URL('./worker.ts', import.meta.url),
}: {
  workerFile?: URL;
} = {}): LocalEmbedder => {
  const thread = createModelThread(workerFile);
  const infer = createBatchQueue(thread.run);

  const hashed = (text: string): Float32Array | undefined =>
    isSupportedScript(text) ? undefined : hashedVector(text, dimensions);

  return {
    model: `use-lite@${dimensions}`,
    async embed(texts, { signal } = {}) {
      signal?.throwIfAborted();
      const truncated = texts.map((text) => text.slice(0, maxCharacters));
      const vectors = new Map(truncated.map((text) => [text, hashed(text)]));
      // Sorted by length, because a batch is padded to its longest text.
      const unknown = [...vectors]
        .flatMap(([text, vector]) => (vector ? [] : [text]))
        .sort((a, b) => a.length - b.length);
      const embedded = unknown.length > 0 ? await infer(unknown, signal) : [];
      for (const [i, vector] of embedded.entries()) {
        vectors.set(unknown[i] ?? '', vector);
      }
      return truncated.flatMap((text) => vectors.get(text) ?? []);
    },
    async warm() {
      await thread.load().catch(() => undefined);
    },
    close: thread.close,
  };
};
