import * as z from 'zod';
import { describe, httpUrl, oneOf, wholeNumber } from './setting.ts';

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
export const tracingSettings = {
  otlpEndpoint: httpUrl.optional().register(describe, {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description:
      'Base URL of a collector that takes OTLP over HTTP, such as `http://localhost:4318`; traces are exported with it, and with no variable of this kind nothing is.',
  }),
  otlpTracesEndpoint: httpUrl.optional().register(describe, {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    description: 'URL for traces alone, used as it is, such as `http://localhost:4318/v1/traces`.',
  }),
  otelDisabled: oneOf(['true', 'false']).register(describe, {
    name: 'OTEL_SDK_DISABLED',
    fallback: 'false',
    description: '`true` exports nothing, whatever else is set.',
  }),
  otelServiceName: z.string().register(describe, {
    name: 'OTEL_SERVICE_NAME',
    fallback: 'turnstone',
    description: 'Name of the service in traces.',
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
  exportIntervalMs: wholeNumber(10, 600_000, 'milliseconds, 10 to 600000').register(describe, {
    name: 'OTEL_BSP_SCHEDULE_DELAY',
    fallback: '5000',
    description: 'Milliseconds between two exports of spans.',
  }),
};
