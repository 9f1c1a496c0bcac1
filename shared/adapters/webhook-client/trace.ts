import type { AttemptTimings } from '../../ports/webhook-client.ts';

/** Measurements of an attempt, filled in as the attempt proceeds and reported on failure too. */
export interface Trace {
  timings: AttemptTimings;
  /** Address connected to, or tried last. */
  remoteAddress?: string;
}
