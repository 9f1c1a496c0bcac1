/** Share of a delay by which it may come earlier or later, so that what failed together is not tried together. */
const jitter = 0.2;

/** 10 attempts over 75 h 35 m: seconds before each of them. */
export const defaultRetrySchedule = [
  0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
] as const;

/**
 * Milliseconds until the next attempt after `tries` of the schedule are spent; undefined when none is left.
 * @param random uniform in [0, 1)
 * @param retryAfterMs what the receiver asked for: never tried before
 */
export const nextDelay = (
  schedule: readonly number[],
  tries: number,
  random: number,
  retryAfterMs = 0,
): number | undefined => {
  const seconds = schedule[tries];
  if (seconds === undefined) return undefined;
  const jittered = seconds * 1_000 * (1 - jitter + 2 * jitter * random);
  return Math.round(Math.max(jittered, retryAfterMs));
};
