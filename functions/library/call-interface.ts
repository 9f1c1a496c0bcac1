/** Ids that a memory names and is found by. */
export interface Scope {
  userId?: string | undefined;
  agentId?: string | undefined;
  appId?: string | undefined;
  runId?: string | undefined;
}

/** JSON object of the caller, whose keys are never converted. */
export interface Metadata {
  [key: string]: unknown;
}

export interface CallOptions {
  /** Ends the call: the promise rejects with the reason of the signal. An accepted turn goes on. */
  signal?: AbortSignal | undefined;
}

export type EventStatus = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** Answer to an add with `wait: false`. */
export interface PendingAdd {
  eventId: string;
  /** `PENDING`, or the state that the turn reached before the answer. */
  status: EventStatus;
}
