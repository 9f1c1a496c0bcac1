import type { CallOptions, Metadata, PendingAdd, Scope } from './call-interface.ts';

/** When the exchanges of `addExchange` are refined. */
export interface ProcessingOptions {
  /** `true` refines exchanges by themselves, once `batchThreshold` messages wait; `false` (the default) only on request. */
  autoProcess?: boolean | undefined;
  /** Messages of a user that are refined together, 10 by default; an exchange has two. */
  batchThreshold?: number | undefined;
}

export interface ExchangeOptions extends Omit<Scope, 'userId'>, CallOptions {
  metadata?: Metadata | undefined;
  /** When the exchange took place: a Date, Unix seconds or ISO 8601. */
  timestamp?: Date | number | string | undefined;
  /** An exchange with the same key and content is the same one, for 24 hours. By default each call has a key of its own. */
  idempotencyKey?: string | undefined;
}

export interface WaitForProcessingOptions extends CallOptions {
  /** Longest wait in seconds; none by default. */
  timeout?: number | undefined;
}

export type ProcessStatus = 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED';

/** Processing of everything that was accepted of a user before the call. The fields follow the work by themselves. */
export interface ProcessTask {
  readonly userId: string;
  /** `FAILED` also for a task that was cancelled. */
  readonly status: ProcessStatus;
  /** Memories that its turns added and updated so far. */
  readonly knowledgeCount: number;
  readonly error: { code: string; message: string; retryable: boolean } | null;
  /** Whether the task has completed or failed. */
  readonly done: boolean;
  /**
   * Resolves with `knowledgeCount` once the task has completed.
   * @throws RefinementError the task failed or was cancelled
   */
  wait(): Promise<number>;
}

/** Processing in batches or on request: exchanges are found by every search at once, and refined later. */
export interface ProcessingOperations {
  /** Adds what a user said and what was answered. Resolves as soon as it is stored; `autoProcess` says when it is refined. */
  addExchange(
    userId: string,
    user: string,
    assistant: string,
    options?: ExchangeOptions,
  ): Promise<PendingAdd>;
  /**
   * Refines everything that was accepted of the user before the call, and resolves with the number of memories that were added and
   * updated, by work under way as well.
   * @throws RefinementError a turn could not be refined
   */
  process(userId: string, options?: CallOptions): Promise<number>;
  /** The same without waiting: returns at once. */
  processAsync(userId: string, options?: CallOptions): ProcessTask;
  /** The same as `process`, also behind a task that runs. */
  flush(userId: string, options?: CallOptions): Promise<number>;
  /**
   * Waits for what is being refined of the user, and starts nothing. Resolves with the number of memories that it added and updated.
   * @throws TimeoutError after `timeout` seconds: the work goes on
   * @throws RefinementError a turn could not be refined
   */
  waitForProcessing(userId: string, options?: WaitForProcessingOptions): Promise<number>;
}
