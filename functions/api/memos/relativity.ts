/**
 * The default of `relativity` and the score of the service that means the same: from there on a memory is clearly related. Both scales
 * are linear below and above.
 */
const middle = { relativity: 0.45, score: 0.3 };

const rescale = (value: number, from: number, to: number): number =>
  value <= from ? (value * to) / from : to + ((value - from) * (1 - to)) / (1 - from);

export const defaultRelativity = middle.relativity;

/** Returns the threshold, 0..1, of a relativity. */
export const scoreOf = (relativity: number): number =>
  rescale(relativity, middle.relativity, middle.score);

/** Returns the relativity, 0..1, of a score, with four decimals. */
export const relativityOf = (score: number): number =>
  Math.round(rescale(score, middle.score, middle.relativity) * 10_000) / 10_000;
