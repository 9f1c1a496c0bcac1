import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  type Link,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { toErrorInfo } from '../../domain/errors.ts';
import type { Span, SpanAttributes, SpanOptions, Tracing } from '../../ports/tracing.ts';
import { closeProvider, type OtelService, resourceOf } from './otel-resource.ts';

/** Names of samplers by the specification of OpenTelemetry. */
export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';

export interface OtelSettings extends OtelService {
  sampler: SamplerName;
  /** Share of the traces that a sampler by ratio exports, 0 to 1. */
  ratio: number;
  /** Milliseconds between two exports. */
  exportIntervalMs: number;
}

const kinds: { readonly [kind in SpanOptions['kind']]: SpanKind } = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

const rootSampler = (name: SamplerName, ratio: number): Sampler => {
  if (name.endsWith('always_off')) return new AlwaysOffSampler();
  return name.endsWith('traceidratio')
    ? new TraceIdRatioBasedSampler(ratio)
    : new AlwaysOnSampler();
};

const samplerOf = ({ sampler, ratio }: OtelSettings): Sampler => {
  const root = rootSampler(sampler, ratio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
};

/** Version 00 of W3C Trace Context; a later version begins alike. */
const form = /^[0-9a-e][0-9a-f]-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

const parseTraceparent = (text: string | undefined): SpanContext | undefined => {
  const [, traceId = '', spanId = '', flags = ''] = form.exec(text ?? '') ?? [];
  if (!/[^0]/.test(traceId) || !/[^0]/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
};

const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

const defined = (attributes: SpanAttributes = {}): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

const linksOf = (links: readonly string[] = []): Link[] =>
  links.flatMap((link) => {
    const context = parseTraceparent(link);
    return context ? [{ context }] : [];
  });

const failSpan = (span: OtelSpan, code: string): void => {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

/** Span with the methods of the port. */
const wrapped = (span: OtelSpan): Span => ({
  set: (attributes) => void span.setAttributes(defined(attributes)),
  rename: (name) => void span.updateName(name),
  fail: (code) => failSpan(span, code),
});

/**
 * Exports spans by OTLP over HTTP in batches, to the URL and with the headers of the standard variables, which the exporter reads by
 * itself. A collector that does not answer costs spans, never requests. Nothing global of the OpenTelemetry API is set, so a program that
 * embeds the service keeps its own.
 */
export const createOtelTracing = (settings: OtelSettings): Tracing => {
  const provider = new TracerProvider({
    sampler: samplerOf(settings),
    resource: resourceOf(settings),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        scheduledDelayMillis: settings.exportIntervalMs,
      }),
    ],
  });
  const tracer = provider.getTracer('turnstone', settings.version);
  const contexts = new AsyncLocalStorage<Context>();

  const contextOf = (parent: string | undefined): Context => {
    const remote = parseTraceparent(parent);
    return remote
      ? trace.setSpanContext(ROOT_CONTEXT, remote)
      : (contexts.getStore() ?? ROOT_CONTEXT);
  };

  return {
    async span(name, { kind, attributes, parent, links }, work) {
      const context = contextOf(parent);
      const span = tracer.startSpan(
        name,
        { kind: kinds[kind], attributes: defined(attributes), links: linksOf(links) },
        context,
      );
      try {
        return await contexts.run(trace.setSpan(context, span), () => work(wrapped(span)));
      } catch (error) {
        failSpan(span, toErrorInfo(error).code);
        throw error;
      } finally {
        span.end();
      }
    },
    current() {
      const span = trace.getSpan(contexts.getStore() ?? ROOT_CONTEXT);
      return span && formatTraceparent(span.spanContext());
    },
    close: () => closeProvider(provider),
  };
};
