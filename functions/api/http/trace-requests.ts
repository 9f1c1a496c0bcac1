import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Principal } from '../../../shared/domain/project.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from './api-env.ts';

/** Methods whose names become part of the name of a span; others are counted as one. */
const knownMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Runs each request as a span. With a valid key it goes on with the trace of the caller's `traceparent`; without one it begins a trace of
 * its own, so that strangers neither add to the traces of others nor decide what is sampled. Attributes are those of the semantic
 * conventions for HTTP, without the path and its query string, which may have texts of users.
 */
export const traceRequests =
  (
    { tracing }: Pick<Platform, 'tracing'>,
    isAuthenticated: (c: Context<ApiEnv>) => Promise<boolean>,
  ): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    if (!tracing) return next();
    const method = knownMethods.includes(c.req.method) ? c.req.method : '_OTHER';
    const traceparent = c.req.header('traceparent');
    const isTrusted = traceparent !== undefined && (await isAuthenticated(c));
    await tracing.span(
      method,
      {
        kind: 'server',
        parent: isTrusted ? traceparent : undefined,
        attributes: { 'http.request.method': method },
      },
      async (span) => {
        await next();
        const route = routePath(c, -1);
        const principal: Principal | undefined = c.get('principal');
        if (route !== '/*') span.rename(`${method} ${route}`);
        span.set({
          'http.route': route === '/*' ? undefined : route,
          'http.response.status_code': c.res.status,
          'turnstone.project.id': principal?.project,
          'turnstone.request.id': c.get('requestId'),
        });
        if (c.res.status >= 500) span.fail(String(c.res.status));
      },
    );
  };
