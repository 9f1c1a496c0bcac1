import type { Clock } from '../../ports/clock.ts';
import type { LogFields, Telemetry } from '../../ports/telemetry.ts';

const ranks = { silent: 0, error: 1, warn: 2, info: 3, debug: 4 };

/** One line of JSON per fact, down to `level`. */
export const createJsonLines = (
  clock: Clock,
  level: keyof typeof ranks,
  write: (line: string) => void,
): Telemetry => ({
  log(severity, event, fields: LogFields = {}) {
    if (ranks[severity] > ranks[level]) return;
    const at = new Date(clock.now()).toISOString();
    write(`${JSON.stringify({ at, level: severity, event, ...fields })}\n`);
  },
});
