import { Hono } from 'hono';
import type { WithLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api.ts';
import { addRoutes } from './add.ts';
import { batchRoutes } from './batch.ts';
import { deleteRoutes } from './delete.ts';
import { eventRoutes } from './events.ts';
import { historyRoutes } from './history.ts';
import { listRoutes } from './list.ts';
import { memoryRoutes } from './memories.ts';
import { pingRoutes } from './ping.ts';
import { searchRoutes } from './search.ts';
import { webhookRoutes } from './webhooks.ts';

/** The surface that mem0 clients speak to. */
export const mem0Routes = (
  platform: WithLimiterStore<FullPlatform>,
  guard: Guard,
): Hono<ApiEnv> => {
  const routes = new Hono<ApiEnv>();
  const nouns = [
    pingRoutes(guard),
    addRoutes(platform, guard),
    searchRoutes(platform, guard),
    listRoutes(platform, guard),
    memoryRoutes(platform, guard),
    historyRoutes(platform, guard),
    deleteRoutes(platform, guard),
    batchRoutes(platform, guard),
    eventRoutes(platform, guard),
    webhookRoutes(platform, guard),
  ];
  for (const noun of nouns) routes.route('/', noun);
  return routes;
};
