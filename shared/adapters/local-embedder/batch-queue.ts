interface Call {
  texts: readonly string[];
  vectors: Float32Array[];
  /** Texts handed to a batch so far, and answered so far. */
  taken: number;
  answered: number;
  resolve(vectors: Float32Array[]): void;
  reject(error: unknown): void;
}

type Batch = { call: Call; position: number; text: string }[];

/** The model pads a batch to its longest text: the product is what a batch costs. 1,600 characters are about 0.15 s. */
const maxTexts = 16;
const maxPaddedCharacters = 1_600;

const fits = (batch: Batch, longest: number): boolean =>
  batch.length === 0 ||
  (batch.length < maxTexts && (batch.length + 1) * longest <= maxPaddedCharacters);

/**
 * Coalesces calls into bounded batches, one at a time. A batch takes a text from every waiting call in turn, so a search
 * never waits behind a bulk write. When a batch fails, every waiting call is rejected with its error.
 */
export const createBatchQueue = (run: (texts: readonly string[]) => Promise<Float32Array[]>) => {
  let waiting: Call[] = [];
  let unanswered = new Set<Call>();
  let busy = false;

  const take = (): Batch => {
    const batch: Batch = [];
    let longest = 0;
    for (let call = waiting.shift(); call; call = waiting.shift()) {
      const text = call.texts[call.taken] ?? '';
      longest = Math.max(longest, text.length);
      if (!fits(batch, longest)) {
        waiting.unshift(call);
        break;
      }
      batch.push({ call, position: call.taken, text });
      call.taken += 1;
      if (call.taken < call.texts.length) waiting.push(call);
    }
    return batch;
  };

  const settle = (batch: Batch, vectors: readonly Float32Array[]): void => {
    for (const [i, { call, position }] of batch.entries()) {
      const vector = vectors[i];
      if (!vector) throw new TypeError('the embedder answered fewer vectors than texts');
      call.vectors[position] = vector;
      call.answered += 1;
      if (call.answered < call.texts.length) continue;
      unanswered.delete(call);
      call.resolve(call.vectors);
    }
  };

  const pump = async (): Promise<void> => {
    busy = true;
    // Calls made in the same tick share a batch.
    await Promise.resolve();
    try {
      while (waiting.length > 0) {
        const batch = take();
        settle(batch, await run(batch.map(({ text }) => text)));
      }
    } catch (error) {
      for (const call of unanswered) call.reject(error);
      waiting = [];
      unanswered = new Set();
    } finally {
      busy = false;
    }
  };

  const drop = (call: Call, reason: unknown): void => {
    waiting = waiting.filter((other) => other !== call);
    unanswered.delete(call);
    call.reject(reason);
  };

  /** At least one text. An abort rejects at once; a batch under way is finished for the others. */
  return async (texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array[]>();
    const call: Call = { texts, vectors: [], taken: 0, answered: 0, resolve, reject };
    const abort = () => drop(call, signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    waiting.push(call);
    unanswered.add(call);
    if (!busy) void pump();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  };
};
