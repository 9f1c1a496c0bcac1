import { TerminalError } from '../../../shared/domain/errors.ts';
import { dayMs, hourMs } from '../../../shared/domain/time.ts';

const units: { readonly [unit: string]: number } = {
  m: 60_000,
  h: hourMs,
  d: dayMs,
};

const sentence = '--since needs a time such as 2026-11-28T09:00:00Z, or 90m, 36h or 3d (ago).';

/**
 * Parses a time in ISO 8601, or a duration before now. Returns ms since 1970.
 * @throws TerminalError bad_command
 */
export const parseTime = (text: string, now: number): number => {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const span = units[unit];
  if (span !== undefined) return now - Number(count) * span;
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new TerminalError('bad_command', sentence);
  return time;
};
