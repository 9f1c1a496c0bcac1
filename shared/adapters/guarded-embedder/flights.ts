/** A call under way for several texts, and how many wait for it. */
interface Flight {
  vectors: Promise<Float32Array[]>;
  waiting: number;
  controller: AbortController;
}

type Embed = (texts: readonly string[], signal: AbortSignal) => Promise<Float32Array[]>;

/** Resolves as the promise does; rejects with the signal's reason as soon as it aborts. */
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
 * Single flight: texts of the same key are asked for once at a time, for all callers together. A call is aborted
 * once all of its callers have aborted.
 */
export const createFlights = (embed: Embed) => {
  const underWay = new Map<string, { flight: Flight; at: number }>();

  const start = (wanted: ReadonlyMap<string, string>): Flight => {
    const keys = [...wanted.keys()];
    const controller = new AbortController();
    const vectors = embed([...wanted.values()], controller.signal).finally(() => {
      for (const key of keys) if (underWay.get(key)?.flight === flight) underWay.delete(key);
    });
    const flight: Flight = { vectors, waiting: 0, controller };
    // Rejections reach those who wait; there may be none left.
    vectors.catch(() => undefined);
    for (const [at, key] of keys.entries()) underWay.set(key, { flight, at });
    return flight;
  };

  const leave = (flight: Flight, reason: unknown): void => {
    flight.waiting -= 1;
    if (flight.waiting > 0) return;
    for (const [key, { flight: other }] of underWay) if (other === flight) underWay.delete(key);
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

  /** Vectors by key. */
  return async (
    wanted: ReadonlyMap<string, string>,
    signal: AbortSignal | undefined,
  ): Promise<Map<string, Float32Array>> => {
    const fresh = new Map([...wanted].filter(([key]) => !underWay.has(key)));
    if (fresh.size > 0) start(fresh);
    const places = [...wanted.keys()].flatMap((key) => {
      const place = underWay.get(key);
      return place ? [{ key, ...place }] : [];
    });
    const flights = [...new Set(places.map(({ flight }) => flight))];
    const answers = await Promise.all(flights.map((flight) => wait(flight, signal)));
    const found = new Map<string, Float32Array>();
    for (const { key, flight, at } of places) {
      const vector = answers[flights.indexOf(flight)]?.[at];
      if (vector) found.set(key, vector);
    }
    return found;
  };
};
