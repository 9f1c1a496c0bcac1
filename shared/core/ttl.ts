import { dayMs } from '../domain/time.ts';

/** What is left of something erased, without its texts: that there was a memory, a turn. */
export const remainsDays = 30;

/** When something kept for `days` from `now` expires; nothing to set when it is kept for good. */
export const retention = (days: number, now: number): { expiresAt?: number } =>
  days > 0 ? { expiresAt: now + days * dayMs } : {};
