import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

const ranks = { silent: 0, error: 1, warn: 2, info: 3, debug: 4 };

export type LogLevel = keyof typeof ranks;
export type Severity = Exclude<LogLevel, 'silent'>;

export const isLogged = (severity: Severity, level: LogLevel): boolean =>
  ranks[severity] <= ranks[level];

/** Formats a log line. Fields cannot overwrite time, level and event. */
export const formatLine = (
  clock: Clock,
  level: Severity,
  event: string,
  fields: object,
): string => {
  const base = { at: new Date(clock.now()).toISOString(), level, event };
  return `${JSON.stringify({ ...base, ...fields, ...base })}\n`;
};

/** Creates a logger that writes one line of JSON per event of at least the severity `level`. */
export const createJsonLogger = (
  clock: Clock,
  level: LogLevel,
  write: (line: string) => void,
): Telemetry => ({
  log(severity, event, fields = {}) {
    if (isLogged(severity, level)) write(formatLine(clock, severity, event, fields));
  },
});
