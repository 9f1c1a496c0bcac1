import type { Clock } from '../ports/clock.ts';

/** Time limit of a run that can be resumed later. */
export interface Deadline {
  /** No new batch or page is started after this, ms since 1970. May move nearer during a run, so read it each time. */
  deadlineAt: number;
  /** Aborts when the process stops. */
  signal: AbortSignal;
}

export const isDeadlineOver = (
  { clock }: { clock: Pick<Clock, 'now'> },
  deadline: Deadline,
): boolean => deadline.signal.aborted || clock.now() >= deadline.deadlineAt;
