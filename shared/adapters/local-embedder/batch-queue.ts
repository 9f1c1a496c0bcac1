import type { EmbedOptions, EmbedPriority } from '../../ports/embedder.ts';
import { estimateTokens } from './token-pieces.ts';

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

/** Waiting calls of one priority. */
interface CallQueue {
  calls: Call[];
  /** Number of batches of other priorities while these calls have been waiting. */
  passedOver: number;
}

type Batch = { call: Call; position: number; text: string }[];

/**
 * Bound of a batch, which no later call can interrupt. A token takes about 1.5 ms and a text as long as six tokens more,
 * whether texts share a batch or not: a query waits at most about 0.1 s for the batch before it.
 */
const maxTokens = 60;
const tokensPerText = 6;

/** Batches of other priorities after which waiting calls get one of their own, so that no priority starves. */
const maxPassedOver = 8;

/**
 * Coalesces concurrent calls into bounded batches that run one at a time. A batch holds texts of one priority: queries go
 * before adds, adds before batches, and a priority that was passed over too often goes first once. A batch takes one text of
 * every waiting call of its priority in round-robin order. A failing batch rejects all waiting calls.
 */
export const createBatchQueue = (run: (texts: readonly string[]) => Promise<Float32Array[]>) => {
  const queues: { readonly [priority in EmbedPriority]: CallQueue } = {
    query: { calls: [], passedOver: 0 },
    add: { calls: [], passedOver: 0 },
    batch: { calls: [], passedOver: 0 },
  };
  const ordered = [queues.query, queues.add, queues.batch];
  const pending = new Set<Call>();
  let isRunning = false;

  const nextQueue = (): CallQueue | undefined => {
    const waiting = ordered.filter(({ calls }) => calls.length > 0);
    const chosen = waiting.find(({ passedOver }) => passedOver >= maxPassedOver) ?? waiting[0];
    for (const queue of ordered)
      queue.passedOver = queue !== chosen && waiting.includes(queue) ? queue.passedOver + 1 : 0;
    return chosen;
  };

  const fillBatch = (waiting: Call[]): Batch => {
    const batch: Batch = [];
    let tokens = 0;
    for (let call = waiting[0]; call; call = waiting[0]) {
      const text = call.texts[call.batched] ?? '';
      tokens += estimateTokens(text) + tokensPerText;
      if (batch.length > 0 && tokens > maxTokens) break;
      batch.push({ call, position: call.batched, text });
      call.batched += 1;
      waiting.shift();
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
      for (let queue = nextQueue(); queue; queue = nextQueue()) {
        const batch = fillBatch(queue.calls);
        complete(batch, await run(batch.map(({ text }) => text)));
      }
    } catch (error) {
      for (const call of pending) call.reject(error);
      for (const queue of ordered) queue.calls = [];
      pending.clear();
    } finally {
      isRunning = false;
    }
  };

  const cancel = (call: Call, reason: unknown): void => {
    for (const queue of ordered) queue.calls = queue.calls.filter((other) => other !== call);
    pending.delete(call);
    call.reject(reason);
  };

  /** Embeds at least one text. An abort rejects at once; the batch in flight continues for other calls. */
  return async (
    texts: readonly string[],
    { signal, priority = 'batch' }: EmbedOptions = {},
  ): Promise<Float32Array[]> => {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array[]>();
    const call: Call = { texts, vectors: [], batched: 0, done: 0, resolve, reject };
    const abort = () => cancel(call, signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    queues[priority].calls.push(call);
    pending.add(call);
    if (!isRunning) void runBatches();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  };
};
