import { hourMs } from '../time.ts';

/** Failures of an endpoint since its last success. */
export interface Health {
  /** Time of the last success, or of the last reset. */
  lastSuccessAt: number;
  failures: number;
  firstFailureAt?: number;
  lastFailureAt?: number;
  /** Ids of failed notifications; at most two are kept. */
  failedNotifications: readonly string[];
}

const withoutSuccessMs = 120 * hourMs;
const failuresToDisable = 10;
const notificationsToDisable = 2;
const minFailureSpanMs = 12 * hourMs;

export const freshHealth = (now: number): Health => ({
  lastSuccessAt: now,
  failures: 0,
  failedNotifications: [],
});

export const afterAttempt = (
  health: Health,
  { ok, notification }: { ok: boolean; notification: string },
  now: number,
): Health => {
  if (ok) return freshHealth(now);
  const failedNotifications = [...new Set([...health.failedNotifications, notification])].slice(
    0,
    notificationsToDisable,
  );
  return {
    lastSuccessAt: health.lastSuccessAt,
    failures: health.failures + 1,
    firstFailureAt: health.firstFailureAt ?? now,
    lastFailureAt: now,
    failedNotifications,
  };
};

/**
 * Whether the endpoint is to be disabled: no success for five days, and at least 10 failures of 2 or more notifications that
 * span at least 12 hours.
 */
export const shouldDisable = (health: Health, now: number): boolean => {
  const {
    lastSuccessAt,
    failures,
    firstFailureAt = now,
    lastFailureAt = now,
    failedNotifications,
  } = health;
  return (
    now - lastSuccessAt >= withoutSuccessMs &&
    failures >= failuresToDisable &&
    failedNotifications.length >= notificationsToDisable &&
    lastFailureAt - firstFailureAt >= minFailureSpanMs
  );
};
