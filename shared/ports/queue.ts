/** A hint: ids only, may be lost or doubled without harm. `v` because two versions may read one queue. */
export type Hint =
  | { v: 1; kind: 'refine'; project: string; scope: string }
  | { v: 1; kind: 'index'; project: string; memory: string }
  | { v: 1; kind: 'settle'; project: string; turn: string }
  | { v: 1; kind: 'job'; project: string; job: string }
  | { v: 1; kind: 'outbox'; project: string; outbox: string };

export interface Queue {
  /**
   * Sends hints, grouped by project for fairness.
   * @param delayMs not delivered before; capped at 900,000
   * @throws RetryableError when the queue cannot be reached; callers go on without: the sweeper finds the work
   */
  send(hints: readonly Hint[], delayMs?: number): Promise<void>;
}
