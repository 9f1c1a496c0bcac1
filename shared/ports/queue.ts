/** A hint: ids only, may be lost or doubled without harm. `v` because two versions may read one queue. */
export type Hint =
  /** `verbatim`: what came needs no language model. */
  | { v: 1; kind: 'refine'; project: string; scope: string; verbatim?: true }
  | { v: 1; kind: 'index'; project: string; memory: string }
  | { v: 1; kind: 'settle'; project: string; turn: string }
  | { v: 1; kind: 'job'; project: string; job: string }
  | { v: 1; kind: 'outbox'; project: string; scope: string; outbox: string }
  | { v: 1; kind: 'delivery'; project: string; delivery: string }
  | { v: 1; kind: 'backlog'; project: string; endpoint: string }
  | { v: 1; kind: 'recovery'; project: string; endpoint: string; recovery: string };

export interface Queue {
  /**
   * Sends hints, grouped by project for fairness.
   * @param delayMs not delivered before; capped at 900,000
   * @throws RetryableError when the queue cannot be reached; callers go on without: the sweeper finds the work
   */
  send(hints: readonly Hint[], delayMs?: number): Promise<void>;
}

/** A queue that a process takes hints from by itself. */
export interface HintConsumer extends Queue {
  /**
   * Up to `max` hints that are ready, waiting for the first; none once `signal` aborts. Taken is taken.
   * @param debounce awaited between the first and the taking, where that is possible
   * @throws RetryableError when the queue cannot be reached
   */
  receive(
    max: number,
    signal: AbortSignal,
    debounce?: (signal: AbortSignal) => Promise<void>,
  ): Promise<Hint[]>;
}
