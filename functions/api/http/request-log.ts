import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Principal } from '../../../shared/domain/project.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from './api-env.ts';

/** Valid request ids of callers. Other characters could forge log lines. */
const acceptable = /^[\w.:/+=-]{1,128}$/;

/**
 * Assigns each request an id, taken from and returned in the header `x-request-id`, and logs one line per request: method,
 * route, status, duration, and the ids of the API key and the project. Never logs text, paths or keys.
 */
export const requestLog =
  ({
    ids,
    clock,
    telemetry,
  }: Pick<Platform, 'ids' | 'clock' | 'telemetry'>): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const startedAt = clock.now();
    const given = c.req.header('x-request-id');
    const requestId = given !== undefined && acceptable.test(given) ? given : ids.next();
    c.set('requestId', requestId);
    c.header('x-request-id', requestId);
    await next();
    const principal: Principal | undefined = c.get('principal');
    telemetry.log('info', 'request', {
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      ms: clock.now() - startedAt,
      requestId,
      ...(principal && { key: principal.key, project: principal.project }),
    });
  };
