import { hourMs } from '../time.ts';

/** How an endpoint has fared since its last success. */
export interface Health {
  /** When it last took something, or was last given a fresh start. */
  lastSuccessAt: number;
  failures: number;
  firstFailureAt?: number;
  lastFailureAt?: number;
  /** Ids of what it failed to take; two are enough to know. */
  failedNotifications: readonly string[];
}

const withoutSuccessMs = 120 * hourMs;
const failuresToDisable = 10;
const notificationsToDisable = 2;
const spanToDisableMs = 12 * hourMs;

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

/** Five days without a success, and enough failures, of more than one notification, over half a day. */
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
    lastFailureAt - firstFailureAt >= spanToDisableMs
  );
};
