import type { Context, Env, Hono } from 'hono';
import {
  type APIGatewayProxyResult,
  getConnInfo,
  handle,
  type LambdaContext,
  type LambdaEvent,
} from 'hono/aws-lambda';
import { callerAddress } from './access/caller-address.ts';
import type { ApiEnv } from './http/api-env.ts';

type GatewayEvent = Extract<LambdaEvent, { rawPath: string }>;

/** Events of Lambda function URLs carry the path still percent-encoded. */
const isFunctionUrl = (domain: string): boolean => domain.includes('.lambda-url.');

const encodePath = (path: string): string =>
  path
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/');

/** Lambda limits a response to 6 MB, counted after the body has been escaped as a JSON string. */
const maxResponseBytes = 6_000_000;
/** Escaping makes a character at most six bytes long, so shorter bodies need no exact count. */
const safeLength = maxResponseBytes / 6;

const isTooLarge = (response: APIGatewayProxyResult): boolean =>
  response.body.length > safeLength &&
  Buffer.byteLength(JSON.stringify(response)) > maxResponseBytes;

const sentence =
  'The response is larger than 6 MB: request less at once with page_size, limit or top_k.';

/** Replaces a response above the limit, which Lambda would turn into a 500 without an explanation. */
const tooLarge = {
  statusCode: 400,
  body: JSON.stringify({
    code: 'answer_too_large',
    detail: sentence,
    error: sentence,
    message: sentence,
  }),
  isBase64Encoded: false,
};

/**
 * Returns the address of a caller. The last entry of `X-Forwarded-For` is skipped: the HTTP API appends the address that
 * called it, which is also the address of the connection.
 */
export const gatewayAddress =
  (hops: number) =>
  (c: Context<ApiEnv>): string | undefined => {
    const forwarded = c.req.header('x-forwarded-for')?.split(',').slice(0, -1).join();
    return callerAddress(getConnInfo(c).remote.address, forwarded, hops);
  };

/**
 * Builds a handler for HTTP API events (payload format 2.0). The `rawPath` of such an event is already percent-decoded, in
 * spite of its name, so the handler encodes the path again; otherwise `%3F` or `%25` in a segment would be misread. A
 * decoded `%2F` cannot be distinguished from a slash: routes whose last parameter may contain one match the whole rest of
 * the path.
 */
export const createGatewayHandler = <E extends Env>(app: Hono<E>) => {
  const respond = handle(app);
  return async (event: GatewayEvent, context?: LambdaContext) => {
    const { rawPath, requestContext } = event;
    const path = isFunctionUrl(requestContext.domainName) ? rawPath : encodePath(rawPath);
    const response = await respond({ ...event, rawPath: path }, context);
    return isTooLarge(response) ? { ...response, ...tooLarge } : response;
  };
};
