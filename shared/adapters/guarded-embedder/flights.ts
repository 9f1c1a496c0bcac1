import type { EmbedOptions, EmbedPriority } from '../../ports/embedder.ts';

/** Call in flight for several texts, with the number of its waiting callers. */
interface Flight {
  priority: EmbedPriority;
  vectors: Promise<Float32Array[]>;
  waiting: number;
  controller: AbortController;
}

type Embed = (texts: readonly string[], options: EmbedOptions) => Promise<Float32Array[]>;

const rank = { query: 0, add: 1, batch: 2 } as const satisfies Record<EmbedPriority, number>;

/** Follows a promise, but rejects with the reason of the signal as soon as the signal aborts. */
const unlessAborted = async <T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> => {
  if (!signal) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

/**
 * Single flight: concurrent callers of the same key share one call, unless the call in flight has a lower priority, behind
 * which a query would wait for a bulk. A call is aborted once all of its callers have aborted; a failure rejects all of them
 * and is not cached.
 */
export const createFlights = (embed: Embed) => {
  const inFlight = new Map<string, { flight: Flight; at: number }>();

  const start = (wanted: ReadonlyMap<string, string>, priority: EmbedPriority): void => {
    const keys = [...wanted.keys()];
    const controller = new AbortController();
    const vectors = embed([...wanted.values()], {
      priority,
      signal: controller.signal,
    }).finally(() => {
      for (const key of keys) if (inFlight.get(key)?.flight === flight) inFlight.delete(key);
    });
    const flight: Flight = { priority, vectors, waiting: 0, controller };
    // Waiting callers receive the rejection. Without any, it would be unhandled.
    vectors.catch(() => undefined);
    for (const [at, key] of keys.entries()) inFlight.set(key, { flight, at });
  };

  const leave = (flight: Flight, reason: unknown): void => {
    flight.waiting -= 1;
    if (flight.waiting > 0) return;
    for (const [key, { flight: other }] of inFlight) if (other === flight) inFlight.delete(key);
    flight.controller.abort(reason);
  };

  const wait = async (flight: Flight, signal: AbortSignal | undefined): Promise<Float32Array[]> => {
    flight.waiting += 1;
    try {
      return await unlessAborted(flight.vectors, signal);
    } finally {
      if (signal?.aborted) leave(flight, signal.reason);
    }
  };

  /** Returns the vectors of the texts by key. */
  return async (
    wanted: ReadonlyMap<string, string>,
    { signal, priority = 'batch' }: EmbedOptions,
  ): Promise<Map<string, Float32Array>> => {
    const canShare = (key: string): boolean => {
      const entry = inFlight.get(key);
      return entry !== undefined && rank[entry.flight.priority] <= rank[priority];
    };
    const missing = new Map([...wanted].filter(([key]) => !canShare(key)));
    if (missing.size > 0) start(missing, priority);
    const entries = [...wanted.keys()].flatMap((key) => {
      const entry = inFlight.get(key);
      return entry ? [{ key, ...entry }] : [];
    });
    const flights = [...new Set(entries.map(({ flight }) => flight))];
    const answers = await Promise.all(flights.map((flight) => wait(flight, signal)));
    const found = new Map<string, Float32Array>();
    for (const { key, flight, at } of entries) {
      const vector = answers[flights.indexOf(flight)]?.[at];
      if (vector) found.set(key, vector);
    }
    return found;
  };
};
