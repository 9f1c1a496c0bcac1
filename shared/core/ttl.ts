import { dayMs } from '../domain/time.ts';

/** Days that tombstones are kept: items of erased memories and turns, without their texts. */
export const remainsDays = 30;

/** TTL attribute of an item to keep for `days`; 0 days: no attribute, kept forever. */
export const retention = (days: number, now: number): { expiresAt?: number } =>
  days > 0 ? { expiresAt: now + days * dayMs } : {};
