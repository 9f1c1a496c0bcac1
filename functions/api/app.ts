import { Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Authenticate } from '../../shared/core/projects/api-keys.ts';
import type { UsageMeter } from '../../shared/core/projects/usage-meter.ts';
import { createLimiterStore, type LimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import type { Json } from '../../shared/domain/memory/turn.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import { countUsage } from './access/count-usage.ts';
import { createRateLimits, type Rates } from './access/rate-limits.ts';
import { createWrongKeys } from './access/wrong-keys.ts';
import { createGuard, type GuardOptions } from './auth.ts';
import type { ApiEnv } from './http/api.ts';
import { answerError, errorHandler } from './http/error-answer.ts';
import { HttpError } from './http/http-error.ts';
import { limits } from './http/limits.ts';
import { rawPath } from './http/raw-path.ts';
import { requestLog } from './http/request-log.ts';
import { targetLimits } from './http/target-limits.ts';
import { mem0Routes } from './mem0/routes.ts';
import { eventRoutes } from './native/events.ts';
import { healthRoutes } from './native/health.ts';
import { keyRoutes } from './native/keys.ts';
import { turnRoutes } from './native/turns.ts';
import { usageRoutes } from './native/usage.ts';
import { webhookRoutes } from './native/webhooks/routes.ts';

export interface AppOptions {
  authenticate: Authenticate;
  version: string;
  /** Origins whose pages may call; `*` for all. None: no cross-origin calls from browsers. */
  corsOrigins?: readonly string[];
  /** What of the service is embedded and what is remote; shown by the health route. */
  describe?: () => { [part: string]: Json };
  /** The largest body, with attachments, where less than usual gets through. */
  attachedBodyBytes?: number;
  /** What keys and projects may spend; without it there are no rate limits. */
  rates?: Rates;
  /** Wrong keys that an address may send in a minute; without it they are not counted. */
  wrongKeysPerMinute?: number;
  /** The address of a caller, where it is known. */
  addressOf?: GuardOptions['addressOf'];
  /** Counts what keys use; without it the usage shown is what others counted. */
  usage?: UsageMeter;
  /** Writes what was counted at the end of a request: for a process that is frozen between requests. */
  flushesUsage?: boolean;
  /** Limiter store of a process that also dispatches; without it the app has its own. */
  limiterStore?: LimiterStore;
  /** What links begin with; without it they are relative. */
  publicUrl?: string;
}

const exposedHeaders = [
  'x-request-id',
  'Idempotent-Replayed',
  'Retry-After',
  'Turnstone-Degraded',
  'RateLimit',
  'RateLimit-Policy',
];

/** Answers hold what must be kept nowhere on the way, and are what their content type says. */
const answerHeaders =
  (linkBase: string): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    c.set('linkBase', linkBase);
    c.header('Cache-Control', 'no-store');
    c.header('X-Content-Type-Options', 'nosniff');
    await next();
  };

const crossOrigin = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    exposeHeaders: exposedHeaders,
    maxAge: 600,
  });

/** The HTTP side of the service, over whatever the platform is made of. */
export const createApp = (platform: FullPlatform, options: AppOptions): Hono<ApiEnv> => {
  const app = new Hono<ApiEnv>({ getPath: rawPath });
  const { rates, wrongKeysPerMinute, usage } = options;
  const { limiterStore = createLimiterStore(platform) } = options;
  const webhookPlatform = { ...platform, limiterStore };
  const guard = createGuard({
    authenticate: options.authenticate,
    limits: rates && createRateLimits(rates, platform.clock),
    wrongKeys: wrongKeysPerMinute ? createWrongKeys(wrongKeysPerMinute, platform.clock) : undefined,
    addressOf: options.addressOf ?? (() => undefined),
  });

  app.use(requestLog(platform));
  app.use((c, next) => {
    c.set('attachedBodyBytes', options.attachedBodyBytes ?? limits.attachedBodyBytes);
    return next();
  });
  app.use(answerHeaders((options.publicUrl ?? '').replace(/\/$/, '')));
  if (usage) app.use(countUsage(usage, options.flushesUsage ?? false));
  if (options.corsOrigins?.length) app.use(crossOrigin(options.corsOrigins));
  app.use(targetLimits);
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
  app.route('/', webhookRoutes(webhookPlatform, guard));
  app.route('/', keyRoutes(platform, guard));
  app.route('/', usageRoutes(platform, guard, usage));
  app.route('/', mem0Routes(webhookPlatform, guard));

  app.notFound((c) => answerError(c, new HttpError(404, 'not_found', 'There is no such route.')));
  app.onError(errorHandler(platform.telemetry));
  return app;
};
