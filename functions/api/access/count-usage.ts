import type { MiddlewareHandler } from 'hono';
import type { UsageMeter } from '../../../shared/core/projects/usage-meter.ts';
import type { Principal } from '../../../shared/domain/project.ts';
import type { ApiEnv } from '../http/api-env.ts';

const one = (holds: boolean): number => (holds ? 1 : 0);

/** Counts each request of a known key, answered with success or not. */
export const countUsage =
  (meter: UsageMeter, flushes: boolean): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    await next();
    const principal: Principal | undefined = c.get('principal');
    if (principal) {
      const { status } = c.res;
      const isError = status >= 400;
      const work = c.get('work');
      meter.count(principal, {
        requests: 1,
        units: c.get('units') ?? 0,
        adds: one(!isError && work === 'add'),
        searches: one(!isError && work === 'search'),
        errors: one(isError),
        limited: one(status === 429),
      });
    }
    if (flushes) await meter.flushWhenDue();
  };
