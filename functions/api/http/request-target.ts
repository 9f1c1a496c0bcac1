import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './api-env.ts';
import { HttpError } from './http-error.ts';
import { limits } from './limits.ts';

/**
 * Returns the path for routing: percent-encoded as sent, so that `%2F` stays inside its segment, with `//` collapsed and
 * without a trailing slash. Normalizing replaces redirects, since clients concatenate URLs carelessly and do not follow
 * redirects.
 */
export const rawPath = ({ url }: { url: string }): string => {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start === -1) return '/';
  const end = url.slice(start).search(/[?#]/);
  const path = end === -1 ? url.slice(start) : url.slice(start, start + end);
  const collapsed = path.replace(/\/{2,}/g, '/');
  return collapsed.length > 1 && collapsed.endsWith('/') ? collapsed.slice(0, -1) : collapsed;
};

const lengthOf = (url: string): number => url.length - url.indexOf('/', url.indexOf('://') + 3);

const parametersOf = (url: string): number => {
  const start = url.indexOf('?');
  if (start < 0) return 0;
  let count = 1;
  for (let at = url.indexOf('&', start); at >= 0; at = url.indexOf('&', at + 1)) count += 1;
  return count;
};

/** Rejects requests whose path and query string are too long or have too many parameters. */
export const targetLimits: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const { url } = c.req;
  if (lengthOf(url) > limits.targetLength)
    throw new HttpError(
      414,
      'uri_too_long',
      `The path and its query string are longer than ${limits.targetLength} characters.`,
    );
  if (parametersOf(url) > limits.queryParameters)
    throw new HttpError(
      400,
      'too_many_parameters',
      `The query string has more than ${limits.queryParameters} parameters.`,
    );
  await next();
};
