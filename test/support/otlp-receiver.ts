import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

const AnyValue = z.looseObject({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: z.union([z.number(), z.string()]).optional(),
  doubleValue: z.number().optional(),
});
const Attributes = z.array(z.object({ key: z.string(), value: AnyValue })).default([]);
/** Parts of an OTLP request for traces, in JSON. */
const TraceRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.number(),
              attributes: Attributes,
              links: z.array(z.looseObject({ traceId: z.string() })).default([]),
              status: z.looseObject({ code: z.number().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
});

export interface ReceivedSpan {
  trace: string;
  id: string;
  parent: string | undefined;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  attributes: { [name: string]: unknown };
  /** Ids of the linked traces. */
  links: string[];
  isFailed: boolean;
  /** Name of the service that sent the span. */
  service: unknown;
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

const valuesOf = (attributes: z.output<typeof Attributes>): { [name: string]: unknown } =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  );

const spansOf = (body: unknown): ReceivedSpan[] =>
  TraceRequest.parse(body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        trace: span.traceId,
        id: span.spanId,
        parent: span.parentSpanId,
        name: span.name,
        kind: kinds[span.kind] ?? 'internal',
        attributes: valuesOf(span.attributes),
        links: span.links.map(({ traceId }) => traceId),
        isFailed: span.status.code === 2,
        service: valuesOf(resource.attributes)['service.name'],
      })),
    ),
  );

const Count = z.union([z.number(), z.string().transform(Number)]);
const Points = z.object({
  aggregationTemporality: z.number().optional(),
  isMonotonic: z.boolean().optional(),
  dataPoints: z.array(
    z.object({
      attributes: Attributes,
      asInt: Count.optional(),
      asDouble: z.number().optional(),
      count: Count.optional(),
      sum: z.number().optional(),
      bucketCounts: z.array(Count).optional(),
      explicitBounds: z.array(z.number()).optional(),
    }),
  ),
});
/** Parts of an OTLP request for metrics, in JSON. */
const MetricsRequest = z.object({
  resourceMetrics: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeMetrics: z.array(
        z.object({
          metrics: z.array(
            z.object({
              name: z.string(),
              unit: z.string(),
              sum: Points.optional(),
              gauge: Points.optional(),
              histogram: Points.optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

export interface ReceivedPoint {
  kind: 'counter' | 'gauge' | 'histogram';
  name: string;
  unit: string;
  labels: { [name: string]: unknown };
  /** Value, or the sum of a histogram. */
  value: number | undefined;
  /** Of a histogram. */
  count: number | undefined;
  bounds: number[] | undefined;
  bucketCounts: number[] | undefined;
  /** Name of the service that sent the point. */
  service: unknown;
}

const pointsOf = (body: unknown): ReceivedPoint[] =>
  MetricsRequest.parse(body).resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, unit, sum, gauge, histogram }) => {
        const kind = sum ? 'counter' : gauge ? 'gauge' : 'histogram';
        return ((sum ?? gauge ?? histogram)?.dataPoints ?? []).map((point) => ({
          kind,
          name,
          unit,
          labels: valuesOf(point.attributes),
          value: point.sum ?? point.asDouble ?? point.asInt,
          count: point.count,
          bounds: point.explicitBounds,
          bucketCounts: point.bucketCounts,
          service: valuesOf(resource.attributes)['service.name'],
        }));
      }),
    ),
  );

/** A collector on loopback that takes traces and metrics by OTLP over HTTP. */
export const startOtlpReceiver = async () => {
  const spans: ReceivedSpan[] = [];
  /** Points of the last export of metrics. */
  let points: ReceivedPoint[] = [];
  const texts: string[] = [];
  const paths: string[] = [];
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString('utf8');
    paths.push(request.url ?? '');
    texts.push(text);
    if (request.url === '/v1/metrics') points = pointsOf(JSON.parse(text));
    else spans.push(...spansOf(JSON.parse(text)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    /** Bodies of all requests, as they came. */
    texts,
    /** Paths of all requests. */
    paths,
    /** Waits for a span, and returns it. */
    async arrives(isWanted: (span: ReceivedSpan) => boolean, withinMs = 20_000) {
      const until = Date.now() + withinMs;
      for (;;) {
        const found = spans.find(isWanted);
        if (found) return found;
        if (Date.now() > until)
          throw new Error(`No such span came: ${spans.map(({ name }) => name).join(', ')}`);
        await sleep(20);
      }
    },
    /** Waits until an export of metrics has what is wanted, and returns its points. */
    async measures(isWanted: (points: readonly ReceivedPoint[]) => boolean, withinMs = 20_000) {
      const until = Date.now() + withinMs;
      while (!isWanted(points)) {
        if (Date.now() > until) throw new Error(`No such metrics came: ${JSON.stringify(points)}`);
        await sleep(20);
      }
      return points;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
