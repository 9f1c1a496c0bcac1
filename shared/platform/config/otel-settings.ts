import * as z from 'zod';
import { describe, httpUrl, list, oneOf, wholeNumber } from './setting.ts';

const samplers = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;

const ratio = 'a number from 0 to 1';

/**
 * Standard variables of OpenTelemetry, as far as the service itself reads them. The exporter reads the others, such as its headers and
 * timeouts.
 */
export const otelSettings = {
  otlpEndpoint: httpUrl.optional().register(describe, {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description:
      'Base URL of a collector that takes OTLP over HTTP, such as `http://localhost:4318`; traces and metrics are exported with it, and with no variable of this kind nothing is.',
  }),
  otlpTracesEndpoint: httpUrl.optional().register(describe, {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    description: 'URL for traces alone, used as it is, such as `http://localhost:4318/v1/traces`.',
  }),
  otlpMetricsEndpoint: httpUrl.optional().register(describe, {
    name: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    description:
      'URL for metrics alone, used as it is, such as `http://localhost:4318/v1/metrics`.',
  }),
  tracesExporter: list.optional().register(describe, {
    name: 'OTEL_TRACES_EXPORTER',
    description:
      '`otlp` exports traces also without a URL, to `http://localhost:4318`; `none`, and the names of other exporters alone, export none.',
  }),
  metricsExporter: list.optional().register(describe, {
    name: 'OTEL_METRICS_EXPORTER',
    description:
      '`otlp` exports metrics also without a URL, to `http://localhost:4318`; `none`, and the names of other exporters alone, export none.',
  }),
  otelDisabled: oneOf(['true', 'false']).register(describe, {
    name: 'OTEL_SDK_DISABLED',
    fallback: 'false',
    description: '`true` exports nothing, whatever else is set.',
  }),
  otelServiceName: z.string().register(describe, {
    name: 'OTEL_SERVICE_NAME',
    fallback: 'turnstone',
    description: 'Name of the service in traces and metrics.',
  }),
  tracesSampler: oneOf(samplers).register(describe, {
    name: 'OTEL_TRACES_SAMPLER',
    fallback: 'parentbased_always_on',
    description: `Choice of the traces that are exported: ${samplers.map((name) => `\`${name}\``).join(', ')}.`,
  }),
  tracesSamplerRatio: z
    .string()
    .regex(/^(?:0|1|0?\.\d{1,15}|[01]\.0{1,15}|0\.\d{1,15})$/, ratio)
    .transform(Number)
    .register(describe, {
      name: 'OTEL_TRACES_SAMPLER_ARG',
      fallback: '1',
      description: 'Share of the traces that a sampler by ratio exports, 0 to 1.',
    }),
  metricExportIntervalMs: wholeNumber(100, 3_600_000, 'milliseconds, 100 to 3600000').register(
    describe,
    {
      name: 'OTEL_METRIC_EXPORT_INTERVAL',
      fallback: '60000',
      description: 'Milliseconds between two exports of metrics.',
    },
  ),
  exportIntervalMs: wholeNumber(10, 600_000, 'milliseconds, 10 to 600000').register(describe, {
    name: 'OTEL_BSP_SCHEDULE_DELAY',
    fallback: '5000',
    description: 'Milliseconds between two exports of spans.',
  }),
};
