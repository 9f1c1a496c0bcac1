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

/** Function URLs tell the path as it was sent. */
const isFunctionUrl = (domain: string): boolean => domain.includes('.lambda-url.');

const encoded = (path: string): string =>
  path
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/');

/** An invocation answers with 6 MB at most, less what JSON adds to a body that is JSON itself. */
const maxAnswerBytes = 6_000_000;
const surelyFits = maxAnswerBytes / 6;

const isTooLarge = (answer: APIGatewayProxyResult): boolean =>
  answer.body.length > surelyFits && Buffer.byteLength(JSON.stringify(answer)) > maxAnswerBytes;

const sentence =
  'The answer is larger than 6 MB: ask for less at once with page_size, limit or top_k.';

/** In place of an answer that would be lost: the caller would get a 500 without a word. */
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

/** The address of a caller. The HTTP API appends to `X-Forwarded-For` the one it was called from, too. */
export const gatewayAddress =
  (hops: number) =>
  (c: Context<ApiEnv>): string | undefined => {
    const forwarded = c.req.header('x-forwarded-for')?.split(',').slice(0, -1).join();
    return callerAddress(getConnInfo(c).remote.address, forwarded, hops);
  };

/**
 * A handler for HTTP API events (payload 2.0). Their `rawPath` is decoded already, whatever its name says: `%3F` or `%25`
 * would be read as something else, so it is encoded again. Only a `%2F` cannot be told from a slash any more: routes
 * whose last parameter may hold one match to the end of the path.
 */
export const createGatewayHandler = <E extends Env>(app: Hono<E>) => {
  const answer = handle(app);
  return async (event: GatewayEvent, context?: LambdaContext) => {
    const { rawPath, requestContext } = event;
    const path = isFunctionUrl(requestContext.domainName) ? rawPath : encoded(rawPath);
    const answered = await answer({ ...event, rawPath: path }, context);
    return isTooLarge(answered) ? { ...answered, ...tooLarge } : answered;
  };
};
