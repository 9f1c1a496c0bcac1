import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Principal } from '../../../shared/domain/project.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from './api-env.ts';

/** What a caller may name a request; anything else could forge log lines. */
const acceptable = /^[\w.:/+=-]{1,128}$/;

/**
 * Gives each request an id, in and out as `x-request-id`, and writes one line about it: who asked, by the id of the API
 * key, and what came of it; never its text, its path or the key.
 */
export const requestLog =
  ({
    ids,
    clock,
    telemetry,
  }: Pick<Platform, 'ids' | 'clock' | 'telemetry'>): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const startedAt = clock.now();
    const omitNullish = c.req.header('x-request-id');
    const requestId =
      omitNullish !== undefined && acceptable.test(omitNullish) ? omitNullish : ids.next();
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
