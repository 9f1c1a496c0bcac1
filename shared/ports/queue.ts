/** Index entries that were submitted. Until its memory is due, the store has no record of one. */
export interface Submission {
  /** Versions of the memories, in the order of the hint. */
  versions: readonly number[];
  /** When they were submitted, ms since 1970. */
  submittedAt: number;
  /** Embedding model of the entries. */
  model: string;
  /** When the index was first seen to hold all of them. */
  visibleAt?: number;
}

/** The messages of a turn, at a revision, and when the index was first seen to hold them, ms since 1970. */
export interface ShownMessages {
  revision: number;
  visibleAt: number;
}

/** A turn, and what is known of its entries in the index that the store has no record of yet. */
export interface FollowedTurn {
  turn: string;
  /** Present once the index has been seen to hold the messages. */
  shown?: ShownMessages;
  /** Memories that the turn wrote. */
  memories?: readonly string[];
  /** The entries of `memories`, in their order; absent before these are submitted. */
  submission?: Submission;
}

/**
 * Message that says where work is due. Hints hold no texts and may be lost, doubled or reordered without harm: the store
 * is the truth, the receiver reads it, and the sweeper hints again at everything whose due time has passed.
 * `v` is the version of the format, since two versions of the service may share a queue during a deployment.
 */
export type Hint =
  /**
   * Turns wait in a scope. `verbatim`: the newest of them needs no language model. `files`: the run may read files, which can take
   * long.
   */
  | { v: 1; kind: 'refine'; project: string; scope: string; verbatim?: true; files?: true }
  /** The index entries of a memory, and of `more`, are out of date, or were submitted and are to be checked. */
  | {
      v: 1;
      kind: 'index';
      project: string;
      memory: string;
      more?: readonly string[];
      submission?: Submission;
    }
  /** Direct reads of a turn may end, or the turn is to be indexed verbatim. */
  | ({ v: 1; kind: 'finish'; project: string } & FollowedTurn)
  /** A turn has lost files, or was not accepted: its files are to be removed. */
  | { v: 1; kind: 'files'; project: string; turn: string }
  | { v: 1; kind: 'job'; project: string; job: string }
  /** A job that makes an export or profiles, and may wait for a language model. */
  | { v: 1; kind: 'derive'; project: string; job: string }
  /** An outbox is to be expanded into notifications and deliveries. */
  | { v: 1; kind: 'outbox'; project: string; scope: string; outbox: string }
  | { v: 1; kind: 'delivery'; project: string; delivery: string }
  /** Deliveries in an endpoint's backlog may be sent. */
  | { v: 1; kind: 'backlog'; project: string; endpoint: string }
  | { v: 1; kind: 'recovery'; project: string; endpoint: string; recovery: string };

export interface Queue {
  /**
   * Sends hints, grouped by project so that a busy project does not delay the others (fair queueing).
   * @param delayMs not delivered before; capped at 900,000, the limit of SQS
   * @throws RetryableError when the queue cannot be reached; callers go on without it, since the sweeper finds the work
   */
  send(hints: readonly Hint[], delayMs?: number): Promise<void>;
}

/** Queue whose hints a process receives by itself, rather than by an event source mapping. */
export interface HintConsumer extends Queue {
  /**
   * Receives up to `max` ready hints, waiting for the first; returns none once `signal` aborts. At most once: a received
   * hint is gone, and after a crash the sweeper finds its work.
   * @param debounce awaited, where the queue allows, after the first hint is ready and before any is received, so that
   * hints that arrive together are received together
   * @throws RetryableError when the queue cannot be reached
   */
  receive(
    max: number,
    signal: AbortSignal,
    debounce?: (signal: AbortSignal) => Promise<void>,
  ): Promise<Hint[]>;
}
