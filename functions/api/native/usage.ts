import type { MiddlewareHandler } from 'hono';
import * as z from 'zod';
import { projectBudget } from '../../../shared/core/model-budget.ts';
import { readUsage, type UsageHour } from '../../../shared/core/projects/read-usage.ts';
import type { UsageMeter } from '../../../shared/core/projects/usage-meter.ts';
import type { Principal } from '../../../shared/domain/project.ts';
import { dayMs, hourMs } from '../../../shared/domain/time.ts';
import {
  addUsage,
  addWork,
  hourOf,
  noUsage,
  noWork,
  type UsageCounts,
  type WorkCounts,
} from '../../../shared/domain/usage.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { invalid } from '../http/http-error.ts';
import { InstantText, isoTime } from '../http/instant.ts';
import { linkWith } from '../http/paging.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { Usage } from './usage.openapi.ts';

const Query = z.object({ since: InstantText.optional(), until: InstantText.optional() });

const maxDays = 31;

const sum = (counts: readonly UsageCounts[]): UsageCounts => counts.reduce(addUsage, noUsage);

/** Dollars for a million tokens. */
export interface ModelPrices {
  prompt: number;
  completion: number;
}

const costOf = (work: WorkCounts, prices: ModelPrices | undefined): number | null =>
  prices === undefined
    ? null
    : (work.promptTokens * prices.prompt + work.completionTokens * prices.completion) / 1e6;

const workBody = (work: WorkCounts, prices: ModelPrices | undefined) => ({
  refinements: work.refinements,
  tokens: { prompt: work.promptTokens, completion: work.completionTokens },
  model_cost: costOf(work, prices),
  deliveries: work.deliveries,
  failed_deliveries: work.failedDeliveries,
});

const hourBody = ({ hour, keys, work }: UsageHour, prices: ModelPrices | undefined) => ({
  hour: isoTime(hour),
  ...sum(Object.values(keys)),
  ...workBody(work, prices),
  keys: Object.entries(keys).map(([id, counts]) => ({ id, ...addUsage(noUsage, counts) })),
});

/** `GET /v1/usage`: usage of the caller's project by hour and API key, for the last day or a period of up to 31 days. */
export const usageRoutes = (
  platform: Platform,
  meter: UsageMeter | undefined,
  prices: ModelPrices | undefined,
) => {
  const routes = createRoutes('Keys and usage');

  routes.get('/v1/usage', {
    permission: 'admin',
    work: 'list',
    query: Query,
    openapi: describe(() => ({
      operationId: 'getUsage',
      summary: 'Get the usage of the project',
      description:
        'Requests by hour and API key, and what they led to by hour: of the last day, or of a period of up to 31 days.',
      responses: { 200: Usage },
      example: { query: { since: '2026-01-31', until: '2026-02-01T00:00:00Z' } },
    })),
    handler: async (c, read) => {
      const now = platform.clock.now();
      const asked = read.query();
      const until = Math.min(asked.until ?? now, now);
      const since = hourOf(asked.since ?? until - dayMs);
      if (until - since > maxDays * dayMs + hourMs)
        throw invalid(
          'since',
          `since must be at most ${maxDays} days before until, or before now.`,
        );
      const { project } = c.get('principal');
      const { hours, next } = await readUsage(platform, project, { since, until }, meter);
      const budget = await projectBudget(platform, project);
      return c.json({
        total: {
          ...sum(hours.flatMap(({ keys }) => Object.values(keys))),
          ...workBody(
            hours.reduce((total, { work }) => addWork(total, work), noWork),
            prices,
          ),
        },
        results: hours.map((hour) => hourBody(hour, prices)),
        budget: budget
          ? { tokens: budget.tokens, limit: budget.limit, resets_at: isoTime(budget.resetsAt) }
          : null,
        next:
          next === undefined ? null : linkWith(c, { since: isoTime(next), until: isoTime(until) }),
      });
    },
  });

  return routes.all;
};

const oneIf = (condition: boolean): number => (condition ? 1 : 0);

/** Counts every request with a valid key, failed requests included. */
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
        adds: oneIf(!isError && work === 'add'),
        searches: oneIf(!isError && work === 'search'),
        errors: oneIf(isError),
        limited: oneIf(status === 429),
        redacted: isError ? 0 : (c.get('redacted') ?? 0),
      });
    }
    if (flushes) await meter.flushWhenDue();
  };
