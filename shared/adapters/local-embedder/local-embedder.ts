import type { Embedder } from '../../ports/embedder.ts';
import { createBatchQueue } from './batch-queue.ts';
import { hashedVector } from './hashed-vector.ts';
import { createModelThread } from './model-thread.ts';
import { estimateTokens, tokenPieces } from './token-pieces.ts';

const dimensions = 384;
/** Longer texts are truncated: facts and questions are shorter, and the cost grows with the length. */
const maxCharacters = 2_000;

/**
 * Whether most letters of a text are Latin. The model was trained on English: it reads most words of other scripts as
 * unknown, so unrelated texts get similar vectors. Such texts and blank ones get a hashed vector instead.
 */
const isSupportedScript = (text: string): boolean => {
  const latin = text.match(/[\p{Script=Latin}\p{N}]/gu)?.length ?? 0;
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  return letters > 0 && latin * 3 > letters * 2;
};

/**
 * The mean of the vectors of a text's pieces, by their tokens, with unit length. The model was trained on short texts: for
 * longer ones the mean finds as much as one vector of all tokens, and no piece keeps a query waiting.
 */
const meanOf = (pieces: readonly string[], vectors: readonly Float32Array[]): Float32Array => {
  const [first] = vectors;
  if (first && vectors.length === 1) return first;
  const sum = new Float32Array(dimensions);
  for (const [i, vector] of vectors.entries()) {
    const weight = estimateTokens(pieces[i] ?? '');
    for (const [at, value] of vector.entries()) sum[at] = (sum[at] ?? 0) + weight * value;
  }
  const norm = Math.hypot(...sum);
  return sum.map((value) => value / norm);
};

export interface LocalEmbedder extends Embedder {
  /** Loads the model before its first use. Never rejects: the next `embed` tries again and reports the failure. */
  warm(): Promise<void>;
  /** Ends the thread and rejects pending calls. */
  close(): Promise<void>;
}

/**
 * Sentence embeddings without a service: all-MiniLM-L6-v2, English, in a worker thread that `warm` or the first text starts.
 * Queries go before adds, and adds before batches. A thread that dies rejects its pending calls, and the next call starts a
 * new one.
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
    model: `minilm-l6-v2@${dimensions}`,
    async embed(texts, { signal, priority } = {}) {
      signal?.throwIfAborted();
      const truncated = texts.map((text) => text.slice(0, maxCharacters));
      const vectors = new Map(truncated.map((text) => [text, hashed(text)]));
      const unknown = [...vectors]
        .filter(([, vector]) => vector === undefined)
        .map(([text]) => ({ text, pieces: tokenPieces(text) }));
      const pieces = unknown.flatMap((one) => one.pieces);
      const embedded = pieces.length > 0 ? await infer(pieces, { signal, priority }) : [];
      let at = 0;
      for (const one of unknown) {
        const end = at + one.pieces.length;
        vectors.set(one.text, meanOf(one.pieces, embedded.slice(at, end)));
        at = end;
      }
      return truncated.flatMap((text) => vectors.get(text) ?? []);
    },
    async warm() {
      await thread.load().catch(() => undefined);
      // The first text of another script loads the dictionaries of words, which takes up to 50 ms.
      hashedVector('我', dimensions);
    },
    close: thread.close,
  };
};
