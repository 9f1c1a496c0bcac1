import type { Clock } from '../../ports/clock.ts';
import type { LogFields, Telemetry } from '../../ports/telemetry.ts';
import { formatLine, isLogged, type LogLevel } from './json-logger.ts';

/** A CloudWatch metric of a log event: the value of a field, or 1 per event. */
export interface Metric {
  name: string;
  unit: 'Count' | 'Milliseconds';
  field?: string;
}

/** Metrics by log event. */
export type MetricTable = { readonly [event: string]: readonly Metric[] };

interface Settings {
  clock: Clock;
  level: LogLevel;
  namespace: string;
  dimensions: { readonly [name: string]: string };
  metrics: MetricTable;
  write: (line: string) => void;
}

/**
 * Creates a logger of JSON lines in CloudWatch's embedded metric format (EMF). Events with metrics are written whatever
 * the level, since alarms depend on the metrics.
 */
export const createEmfLogger = (settings: Settings): Telemetry => {
  const { clock, level, namespace, dimensions, metrics, write } = settings;

  const valuesOf = (event: string, fields: LogFields) =>
    (metrics[event] ?? []).flatMap((metric) => {
      const value = metric.field === undefined ? 1 : fields[metric.field];
      return typeof value === 'number' ? [{ ...metric, value }] : [];
    });

  const metricFields = (values: ReturnType<typeof valuesOf>) => ({
    ...dimensions,
    ...Object.fromEntries(values.map(({ name, value }) => [name, value])),
    _aws: {
      Timestamp: clock.now(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: values.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
  });

  return {
    log(severity, event, fields = {}) {
      const values = valuesOf(event, fields);
      if (values.length > 0)
        write(formatLine(clock, severity, event, { ...fields, ...metricFields(values) }));
      else if (isLogged(severity, level)) write(formatLine(clock, severity, event, fields));
    },
  };
};
