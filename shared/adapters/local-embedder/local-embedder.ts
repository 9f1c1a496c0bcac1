import type { Embedder } from '../../ports/embedder.ts';
import { createBatchQueue } from './batch-queue.ts';
import { hashedVector } from './hashed-vector.ts';
import { createModelThread } from './model-thread.ts';

const dimensions = 512;
/** Longer texts are cut: a fact or a question ends long before, and the cost grows with the length. */
const maxCharacters = 2_000;

/**
 * The model knows the Latin alphabet only; to it all Chinese sentences, and all emoji, are one and the same.
 * Such texts get a hashed vector instead, as do blank ones.
 */
const isSupportedScript = (text: string): boolean => {
  const latin = text.match(/[\p{Script=Latin}\p{N}]/gu)?.length ?? 0;
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  return letters > 0 && latin * 3 > letters * 2;
};

export interface LocalEmbedder extends Embedder {
  /** Loads the model ahead of its first use. Never rejects: the next `embed` tries again, and says what is wrong. */
  warm(): Promise<void>;
  /** Ends the thread; calls that still wait are rejected. */
  close(): Promise<void>;
}

/**
 * Sentence embeddings in this process: Universal Sentence Encoder lite, English, in a worker thread that is started by
 * `warm` or by the first text.
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
      const cut = texts.map((text) => text.slice(0, maxCharacters));
      const vectors = new Map(cut.map((text) => [text, hashed(text)]));
      // By length: a batch is padded to its longest text, so like goes with like.
      const unknown = [...vectors]
        .flatMap(([text, vector]) => (vector ? [] : [text]))
        .sort((a, b) => a.length - b.length);
      const embedded = unknown.length > 0 ? await infer(unknown, signal) : [];
      for (const [i, vector] of embedded.entries()) {
        vectors.set(unknown[i] ?? '', vector);
      }
      return cut.flatMap((text) => vectors.get(text) ?? []);
    },
    async warm() {
      await thread.load().catch(() => undefined);
    },
    close: thread.close,
  };
};
