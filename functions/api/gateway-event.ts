import type { Context, Env, Hono } from 'hono';
import { getConnInfo, handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { callerAddress } from './access/caller-address.ts';
import type { Api } from './edge/api.ts';

type GatewayEvent = Extract<LambdaEvent, { rawPath: string }>;

/** Function URLs tell the path as it was sent. */
const isFunctionUrl = (domain: string): boolean => domain.includes('.lambda-url.');

const encoded = (path: string): string =>
  path
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/');

/** The address of a caller. The HTTP API appends to `X-Forwarded-For` the one it was called from, too. */
export const gatewayAddress =
  (hops: number) =>
  (c: Context<Api>): string | undefined => {
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
  return (event: GatewayEvent, context?: LambdaContext) => {
    const { rawPath, requestContext } = event;
    const path = isFunctionUrl(requestContext.domainName) ? rawPath : encoded(rawPath);
    return answer({ ...event, rawPath: path }, context);
  };
};
