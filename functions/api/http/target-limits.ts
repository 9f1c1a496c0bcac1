import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './api-env.ts';
import { HttpError } from './http-error.ts';
import { limits } from './limits.ts';

const lengthOf = (url: string): number => url.length - url.indexOf('/', url.indexOf('://') + 3);

const parametersOf = (url: string): number => {
  const start = url.indexOf('?');
  if (start < 0) return 0;
  let count = 1;
  for (let at = url.indexOf('&', start); at >= 0; at = url.indexOf('&', at + 1)) count += 1;
  return count;
};

/** Refuses a path or a query string that is too long to be meant. */
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
