interface Call {
  texts: readonly string[];
  vectors: Float32Array[];
  /** Number of texts that are in a batch or done. */
  batched: number;
  /** Number of texts with a vector. */
  done: number;
  resolve(vectors: Float32Array[]): void;
  reject(error: unknown): void;
}

type Batch = { call: Call; position: number; text: string }[];

/**
 * The model pads a batch to its longest text, so the cost of a batch is count times length. 1,600 characters take about
 * 0.15 s.
 */
const maxTexts = 16;
const maxPaddedCharacters = 1_600;

const fits = (batch: Batch, longest: number): boolean =>
  batch.length === 0 ||
  (batch.length < maxTexts && (batch.length + 1) * longest <= maxPaddedCharacters);

/**
 * Coalesces concurrent calls into bounded batches that run one at a time. A batch takes one text of every waiting call in
 * round-robin order, so a search never waits behind a bulk write. A failing batch rejects all waiting calls.
 */
export const createBatchQueue = (run: (texts: readonly string[]) => Promise<Float32Array[]>) => {
  let waiting: Call[] = [];
  let pending = new Set<Call>();
  let isRunning = false;

  const nextBatch = (): Batch => {
    const batch: Batch = [];
    let longest = 0;
    for (let call = waiting.shift(); call; call = waiting.shift()) {
      const text = call.texts[call.batched] ?? '';
      longest = Math.max(longest, text.length);
      if (!fits(batch, longest)) {
        waiting.unshift(call);
        break;
      }
      batch.push({ call, position: call.batched, text });
      call.batched += 1;
      if (call.batched < call.texts.length) waiting.push(call);
    }
    return batch;
  };

  const complete = (batch: Batch, vectors: readonly Float32Array[]): void => {
    for (const [i, { call, position }] of batch.entries()) {
      const vector = vectors[i];
      if (!vector) throw new TypeError('the embedder returned fewer vectors than texts');
      call.vectors[position] = vector;
      call.done += 1;
      if (call.done < call.texts.length) continue;
      pending.delete(call);
      call.resolve(call.vectors);
    }
  };

  const runBatches = async (): Promise<void> => {
    isRunning = true;
    // Calls made in the same tick share a batch.
    await Promise.resolve();
    try {
      while (waiting.length > 0) {
        const batch = nextBatch();
        complete(batch, await run(batch.map(({ text }) => text)));
      }
    } catch (error) {
      for (const call of pending) call.reject(error);
      waiting = [];
      pending = new Set();
    } finally {
      isRunning = false;
    }
  };

  const cancel = (call: Call, reason: unknown): void => {
    waiting = waiting.filter((other) => other !== call);
    pending.delete(call);
    call.reject(reason);
  };

  /** Embeds at least one text. An abort rejects at once; the batch in flight continues for other calls. */
  return async (texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array[]>();
    const call: Call = { texts, vectors: [], batched: 0, done: 0, resolve, reject };
    const abort = () => cancel(call, signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    waiting.push(call);
    pending.add(call);
    if (!isRunning) void runBatches();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  };
};
