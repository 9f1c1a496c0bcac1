/** Share by which a delay varies in both directions, so that attempts that failed together are not retried together. */
const jitter = 0.2;

/** Seconds before each of 10 attempts, 75 h 35 m in all. */
export const defaultRetrySchedule = [
  0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
] as const;

/**
 * Milliseconds until the next attempt, after `attempts` of the schedule are spent; undefined when none is left.
 * @param random uniform in [0, 1)
 * @param retryAfterMs minimum that the receiver requested
 */
export const nextDelay = (
  schedule: readonly number[],
  attempts: number,
  random: number,
  retryAfterMs = 0,
): number | undefined => {
  const seconds = schedule[attempts];
  if (seconds === undefined) return undefined;
  const jittered = seconds * 1_000 * (1 - jitter + 2 * jitter * random);
  return Math.round(Math.max(jittered, retryAfterMs));
};
