import { Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { routePath } from 'hono/route';
import type { Authenticate } from '../../shared/core/projects/api-keys.ts';
import { createSearchDefaults } from '../../shared/core/projects/search-defaults.ts';
import type { UsageMeter } from '../../shared/core/projects/usage-meter.ts';
import {
  createLimiterStore,
  type LimiterStore,
  type WithLimiterStore,
} from '../../shared/core/webhooks/limiter-store.ts';
import type { Json } from '../../shared/domain/memory/turn.ts';
import type { Principal } from '../../shared/domain/project.ts';
import type { FullPlatform, Platform } from '../../shared/ports/platform.ts';
import { createRateLimits, type Rates } from './access/rate-limits.ts';
import { createWrongKeyLimit } from './access/wrong-key-limit.ts';
import { createAccess, type GuardOptions } from './auth.ts';
import type { ApiEnv } from './http/api-env.ts';
import { errorHandler, errorResponse, HttpError } from './http/http-error.ts';
import { limits } from './http/limits.ts';
import { rawPath, targetLimits } from './http/request-target.ts';
import { type DeclaredRoute, mountRoutes } from './http/routes.ts';
import { traceRequests } from './http/trace-requests.ts';
import { mcpRoutes } from './mcp/routes.ts';
import { mem0Routes } from './mem0/routes.ts';
import { scopedByIds } from './mem0/selection.ts';
import { memosErrors } from './memos/errors.ts';
import { memosRoutes } from './memos/routes.ts';
import { archiveRoutes } from './native/archive/routes.ts';
import { contextRoutes } from './native/context.ts';
import { eventRoutes } from './native/events.ts';
import { healthRoutes } from './native/health.ts';
import { keyRoutes } from './native/keys.ts';
import { processRoutes } from './native/processing/process.ts';
import { taskRoutes } from './native/processing/tasks.ts';
import { userRoutes } from './native/processing/users.ts';
import { turnRoutes } from './native/turns.ts';
import { countUsage, type ModelPrices, usageRoutes } from './native/usage.ts';
import { webhookRoutes } from './native/webhooks/routes.ts';
import { openApiRoutes } from './openapi/routes.ts';
import { isUnsupported, unsupportedSentence } from './unsupported-routes.ts';

export interface AppOptions {
  authenticate: Authenticate;
  version: string;
  /** Origins whose web pages may call the API; `*` for all. Without origins, browsers block cross-origin calls. */
  corsOrigins?: readonly string[];
  /** Further fields of the health route, such as which parts are embedded and which are remote. */
  describe?: () => { [part: string]: Json };
  /** Largest body with attachments, if the platform accepts less than the default. */
  attachedBodyBytes?: number;
  /** Rate limits of keys and projects; without rates there are none. */
  rates?: Rates;
  /** Invalid keys that one address may send per minute; without a number they are not counted. */
  wrongKeysPerMinute?: number;
  /** Returns the address of a caller, if known. */
  addressOf?: GuardOptions['addressOf'];
  /** Prices of the language model, for its cost in the usage. */
  modelPrices?: ModelPrices | undefined;
  /** Counts the usage of keys; without a meter the usage route shows only the counts of other processes. */
  usage?: UsageMeter;
  /** Writes the counts at the end of a request, for a process that is frozen between requests (Lambda). */
  flushesUsage?: boolean;
  /** Limiter store to share transactions with; without one the app has its own. */
  limiterStore?: LimiterStore;
  /** Prefix of links; without a URL links are relative. */
  publicUrl?: string;
  /** false: answers are sent as a whole, so an export is read page by page (Lambda). */
  streams?: boolean;
  /** Aborts when the process shuts down, which ends streams of events. */
  closing?: AbortSignal;
  /** Mounts the pages for people, which are no part of the API. */
  pages?: (app: Hono<ApiEnv>) => void;
}

const exposedHeaders = [
  'x-request-id',
  'Idempotent-Replayed',
  'Retry-After',
  'Turnstone-Degraded',
  'Turnstone-Ignored',
  'RateLimit',
  'RateLimit-Policy',
];

/** Valid request ids of callers. Other characters could forge log lines. */
const acceptable = /^[\w.:/+=-]{1,128}$/;

/**
 * Assigns each request an id, taken from and returned in the header `x-request-id`, and logs one line per request: method,
 * route, status, duration, and the ids of the API key and the project. Never logs text, paths or keys.
 */
const requestLog =
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

/** Sets headers of every response: no caching, since responses hold private data, and no content sniffing. */
const commonHeaders =
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

/**
 * Declares all routes of the service, for the router and for the OpenAPI document.
 * @param send sends a request to the API itself; not needed for the document
 */
export const apiRoutes = (
  platform: WithLimiterStore<FullPlatform>,
  {
    version,
    describe = () => ({}),
    authenticate,
    usage,
    modelPrices,
    streams = true,
    closing,
  }: AppOptions,
  send: Hono<ApiEnv>['fetch'] = () => Response.error(),
): DeclaredRoute[] => {
  const defaults = createSearchDefaults(platform);
  return [
    ...healthRoutes(platform, version, describe),
    ...turnRoutes(platform),
    ...contextRoutes(platform, defaults, (ids, filters) => scopedByIds(ids, filters, {})),
    ...eventRoutes(platform, { streams, ...(closing && { closing }) }),
    ...processRoutes(platform),
    ...taskRoutes(platform),
    ...userRoutes(platform),
    ...webhookRoutes(platform),
    ...keyRoutes(platform, authenticate),
    ...archiveRoutes(platform, { streams }),
    ...usageRoutes(platform, usage, modelPrices),
    ...mem0Routes(platform, defaults, usage),
    ...memosRoutes(platform),
    ...mcpRoutes(version, send),
    ...openApiRoutes(),
  ];
};

const missingRoute = (method: string, path: string): HttpError =>
  isUnsupported(method, path)
    ? new HttpError(501, 'not_supported', unsupportedSentence(path))
    : new HttpError(404, 'not_found', 'There is no such route.');

/** Builds the HTTP API of the service. */
export const createApp = (platform: FullPlatform, options: AppOptions): Hono<ApiEnv> => {
  const app = new Hono<ApiEnv>({ getPath: rawPath });
  const { rates, wrongKeysPerMinute, usage } = options;
  const { limiterStore = createLimiterStore(platform) } = options;
  const webhookPlatform = { ...platform, limiterStore };
  const { guard, isAuthenticated } = createAccess({
    authenticate: options.authenticate,
    limits: rates && createRateLimits(rates, platform.clock),
    wrongKeyLimit: wrongKeysPerMinute
      ? createWrongKeyLimit(wrongKeysPerMinute, platform.clock)
      : undefined,
    addressOf: options.addressOf ?? (() => undefined),
  });

  app.use(traceRequests(platform, isAuthenticated));
  app.use(requestLog(platform));
  app.use((c, next) => {
    c.set('attachedBodyBytes', options.attachedBodyBytes ?? limits.attachedBodyBytes);
    return next();
  });
  app.use(commonHeaders((options.publicUrl ?? '').replace(/\/$/, '')));
  if (usage) app.use(countUsage(usage, options.flushesUsage ?? false));
  if (options.corsOrigins?.length) app.use(crossOrigin(options.corsOrigins));
  app.use(memosErrors.path, memosErrors.middleware);
  app.use(targetLimits);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        if (isUnsupported(c.req.method, c.req.path))
          return errorResponse(c, missingRoute(c.req.method, c.req.path));
        const headers = { Allow: methods.join(', ') };
        if (c.req.method === 'OPTIONS') return c.body(null, 204, headers);
        const sentence = `${c.req.method} is not allowed here; ${headers.Allow} is.`;
        return errorResponse(c, new HttpError(405, 'method_not_allowed', sentence, { headers }));
      },
    }),
  );

  mountRoutes(app, guard, apiRoutes(webhookPlatform, options, app.fetch));
  options.pages?.(app);

  app.notFound((c) => errorResponse(c, missingRoute(c.req.method, c.req.path)));
  app.onError(errorHandler(platform.telemetry));
  return app;
};
