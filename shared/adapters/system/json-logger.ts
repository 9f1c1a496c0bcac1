import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

const ranks = { silent: 0, error: 1, warn: 2, info: 3, debug: 4 };

export type LogLevel = keyof typeof ranks;
export type Severity = Exclude<LogLevel, 'silent'>;

export const isLogged = (severity: Severity, level: LogLevel): boolean =>
  ranks[severity] <= ranks[level];

/** A field cannot take the place of what every line says. */
export const lineOf = (clock: Clock, level: Severity, event: string, fields: object): string => {
  const said = { at: new Date(clock.now()).toISOString(), level, event };
  return `${JSON.stringify({ ...said, ...fields, ...said })}\n`;
};

/** One line of JSON per fact, down to `level`. */
export const createJsonLogger = (
  clock: Clock,
  level: LogLevel,
  write: (line: string) => void,
): Telemetry => ({
  log(severity, event, fields = {}) {
    if (isLogged(severity, level)) write(lineOf(clock, severity, event, fields));
  },
});
