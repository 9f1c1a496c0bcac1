import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Authenticate } from '../../shared/core/api-keys.ts';
import type { Json } from '../../shared/domain/turn.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import { createGuard } from './auth.ts';
import type { Api } from './edge/api.ts';
import { answerError, errorHandler } from './edge/error-answer.ts';
import { HttpError } from './edge/http-error.ts';
import { rawPath } from './edge/raw-path.ts';
import { requestLog } from './edge/request-log.ts';
import { mem0Routes } from './mem0/routes.ts';
import { eventRoutes } from './native/events.ts';
import { healthRoutes } from './native/health.ts';
import { turnRoutes } from './native/turns.ts';
import { webhookRoutes } from './native/webhooks/routes.ts';

export interface AppOptions {
  authenticate: Authenticate;
  version: string;
  /** Origins whose pages may call; `*` for all. None: no cross-origin calls from browsers. */
  corsOrigins?: readonly string[];
  /** What of the service is embedded and what is remote; shown by the health route. */
  describe?: () => { [part: string]: Json };
}

const exposedHeaders = ['x-request-id', 'Idempotent-Replayed', 'Retry-After', 'Turnstone-Degraded'];

const crossOrigin = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    exposeHeaders: exposedHeaders,
    maxAge: 600,
  });

/** The HTTP side of the service, over whatever the platform is made of. */
export const createApp = (platform: FullPlatform, options: AppOptions): Hono<Api> => {
  const app = new Hono<Api>({ getPath: rawPath });
  const guard = createGuard(options.authenticate);

  app.use(requestLog(platform));
  if (options.corsOrigins?.length) app.use(crossOrigin(options.corsOrigins));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const headers = { Allow: methods.join(', ') };
        if (c.req.method === 'OPTIONS') return c.body(null, 204, headers);
        const sentence = `${c.req.method} is not allowed here; ${headers.Allow} is.`;
        return answerError(c, new HttpError(405, 'method_not_allowed', sentence, { headers }));
      },
    }),
  );

  app.route('/', healthRoutes(platform, options.version, options.describe ?? (() => ({}))));
  app.route('/', turnRoutes(platform, guard));
  app.route('/', eventRoutes(platform, guard));
  app.route('/', webhookRoutes(platform, guard));
  app.route('/', mem0Routes(platform, guard));

  app.notFound((c) => answerError(c, new HttpError(404, 'not_found', 'There is no such route.')));
  app.onError(errorHandler(platform.telemetry));
  return app;
};
