/** How an endpoint has fared since its last success. */
export interface Health {
  /** When it last took something, or was last given a fresh start. */
  wellAt: number;
  failures: number;
  firstFailureAt?: number;
  lastFailureAt?: number;
  /** Ids of what it failed to take; two are enough to know. */
  failed: readonly string[];
}

const hourMs = 3_600_000;
const withoutSuccessMs = 120 * hourMs;
const failuresToDisable = 10;
const notificationsToDisable = 2;
const spanToDisableMs = 12 * hourMs;

export const freshHealth = (now: number): Health => ({ wellAt: now, failures: 0, failed: [] });

export const afterAttempt = (
  health: Health,
  { ok, notification }: { ok: boolean; notification: string },
  now: number,
): Health => {
  if (ok) return freshHealth(now);
  const failed = [...new Set([...health.failed, notification])].slice(0, notificationsToDisable);
  return {
    wellAt: health.wellAt,
    failures: health.failures + 1,
    firstFailureAt: health.firstFailureAt ?? now,
    lastFailureAt: now,
    failed,
  };
};

/** Five days without a success, and enough failures, of more than one notification, over half a day. */
export const isHopeless = (health: Health, now: number): boolean => {
  const { wellAt, failures, firstFailureAt = now, lastFailureAt = now, failed } = health;
  return (
    now - wellAt >= withoutSuccessMs &&
    failures >= failuresToDisable &&
    failed.length >= notificationsToDisable &&
    lastFailureAt - firstFailureAt >= spanToDisableMs
  );
};
