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

/** A collector on loopback that takes traces by OTLP over HTTP. */
export const startOtlpReceiver = async () => {
  const spans: ReceivedSpan[] = [];
  const texts: string[] = [];
  const paths: string[] = [];
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString('utf8');
    paths.push(request.url ?? '');
    texts.push(text);
    spans.push(...spansOf(JSON.parse(text)));
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
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
