import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import { account } from './template.ts';

export interface GatewayRequest {
  method: string;
  /** Path and query, as in the request line. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Returns whether the gateway treats a body of this type as text; other bodies are binary. */
const isText = (type: string): boolean =>
  /^(text\/|application\/(json|javascript|xml)\b|[^;]*\+(json|xml)\b)/.test(type);

/** Decodes the path as the gateway does for `rawPath`; a path that cannot be decoded stays as it is. */
const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

const grouped = (query: string): { [name: string]: string } => {
  const values: { [name: string]: string } = {};
  for (const [name, value] of new URLSearchParams(query))
    values[name] = name in values ? `${values[name]},${value}` : value;
  return values;
};

const bodyOf = (body: Buffer, type: string) => {
  if (body.length === 0) return { isBase64Encoded: false };
  return isText(type)
    ? { body: body.toString('utf8'), isBase64Encoded: false }
    : { body: body.toString('base64'), isBase64Encoded: true };
};

/** Builds the event of a request to an HTTP API, payload format 2.0. */
export const gatewayEvent = ({ method, target, headers, body }: GatewayRequest) => {
  const [path = '/', ...rest] = target.split('?');
  const query = rest.join('?');
  const { cookie, connection: _, ...others } = headers;
  const rawPath = decoded(path);
  const now = new Date();
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query,
    ...(cookie && { cookies: cookie.split(/; */) }),
    headers: Object.fromEntries(
      Object.entries({ ...others, 'x-forwarded-proto': 'https' }).map(([name, value]) => [
        name,
        String(value),
      ]),
    ),
    ...(query && { queryStringParameters: grouped(query) }),
    requestContext: {
      accountId: account,
      apiId: 'api',
      domainName: 'api.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'api',
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...bodyOf(body, headers['content-type'] ?? ''),
  };
};

/** Response of a function to a gateway event. */
export const GatewayAnswer = z.object({
  statusCode: z.int().min(100).max(599),
  headers: z.record(z.string(), z.string()).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});
