import type { AttemptTimings } from '../../ports/outbound.ts';

/** What is known of an attempt so far, filled in as it goes on: a failure tells it too. */
export interface Trace {
  timings: AttemptTimings;
  /** The address that was connected to, or last tried. */
  remoteAddress?: string;
}
