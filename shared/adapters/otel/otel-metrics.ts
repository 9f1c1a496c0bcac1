import { ValueType } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { HistogramValue, MetricFamily, MetricsExport } from '../../ports/metrics.ts';
import { closeProvider, type OtelService, resourceOf } from './otel-resource.ts';

interface OtelMetricsSettings extends OtelService {
  /** Milliseconds between two exports. */
  exportIntervalMs: number;
}

type Instant = [seconds: number, nanoseconds: number];

const instantOf = (ms: number): Instant => [Math.floor(ms / 1_000), (ms % 1_000) * 1_000_000];

/** Counts of each bucket of its own, with the one above the last bound. */
const bucketCounts = ({ counts, count }: HistogramValue): number[] =>
  [...counts, count].map((upTo, at, all) => upTo - (all[at - 1] ?? 0));

/** Returns a family in the form of the SDK: the sum since the start of the process. */
const dataOf = (family: MetricFamily, startTime: Instant, endTime: Instant): MetricData => {
  const { name, unit = '', help: description } = family;
  const common = {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const period = { startTime, endTime };
  if (family.kind === 'histogram')
    return {
      ...common,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: family.points.map(({ labels, value }) => ({
        ...period,
        attributes: labels,
        value: {
          sum: value.sum,
          count: value.count,
          buckets: { boundaries: [...family.bounds], counts: bucketCounts(value) },
        },
      })),
    };
  const dataPoints = family.points.map(({ labels, value }) => ({
    ...period,
    attributes: labels,
    value,
  }));
  return family.kind === 'gauge'
    ? { ...common, dataPointType: DataPointType.GAUGE, dataPoints }
    : { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
};

/**
 * Exports the values that `read` returns by OTLP over HTTP, every interval and at the end, to the URL and with the headers of the standard
 * variables, which the exporter reads by itself. A collector that does not answer costs nothing else: values are sums since the start, so
 * the next export has what a failed one had. Nothing global of the OpenTelemetry API is set.
 */
export const createOtelMetrics = (
  settings: OtelMetricsSettings,
  read: () => readonly MetricFamily[],
): MetricsExport => {
  const startedAt = instantOf(Date.now());
  const resource = resourceOf(settings);
  const scope = { name: 'turnstone', version: settings.version };
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: settings.exportIntervalMs,
    metricProducers: [
      {
        async collect() {
          const now = instantOf(Date.now());
          const metrics = read()
            .filter(({ points }) => points.length > 0)
            .map((family) => dataOf(family, startedAt, now));
          return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics }] }, errors: [] };
        },
      },
    ],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return { close: () => closeProvider(provider) };
};
