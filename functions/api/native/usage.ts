import { Hono } from 'hono';
import * as z from 'zod';
import { readUsage, type UsageHour } from '../../../shared/core/projects/read-usage.ts';
import type { UsageMeter } from '../../../shared/core/projects/usage-meter.ts';
import { dayMs, hourMs } from '../../../shared/domain/time.ts';
import { addUsage, hourOf, noUsage, type UsageCounts } from '../../../shared/domain/usage.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api.ts';
import { invalid } from '../http/http-error.ts';
import { InstantText, isoTime } from '../http/instant.ts';
import { linkWith } from '../http/paging.ts';
import { parse } from '../http/parse.ts';

const Query = z.object({ since: InstantText.optional(), until: InstantText.optional() });

const maxDays = 31;

const sum = (counts: readonly UsageCounts[]): UsageCounts => counts.reduce(addUsage, noUsage);

const hourBody = ({ hour, keys }: UsageHour) => ({
  hour: isoTime(hour),
  ...sum(Object.values(keys)),
  keys: Object.entries(keys).map(([id, counts]) => ({ id, ...counts })),
});

/** `GET /v1/usage`: what the caller's project used, by hour and API key, of the last day or of up to 31 days. */
export const usageRoutes = (
  platform: Platform,
  guard: Guard,
  meter: UsageMeter | undefined,
): Hono<ApiEnv> =>
  new Hono<ApiEnv>().get('/v1/usage', guard('admin', 'list'), async (c) => {
    const now = platform.clock.now();
    const asked = parse(Query, c.req.query());
    const until = Math.min(asked.until ?? now, now);
    const since = hourOf(asked.since ?? until - dayMs);
    if (until - since > maxDays * dayMs + hourMs)
      throw invalid('since', `since must be at most ${maxDays} days before until, or before now.`);
    const { project } = c.get('principal');
    const { hours, next } = await readUsage(platform, project, { since, until }, meter);
    return c.json({
      total: sum(hours.flatMap(({ keys }) => Object.values(keys))),
      results: hours.map(hourBody),
      next:
        next === undefined ? null : linkWith(c, { since: isoTime(next), until: isoTime(until) }),
    });
  });
