import { Hono } from 'hono';
import type { WithLimiterStore } from '../../../../shared/core/webhooks/limiter-store.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import type { Guard } from '../../auth.ts';
import type { ApiEnv } from '../../http/api.ts';
import { deliveryRoutes } from './deliveries.ts';
import { endpointRoutes } from './endpoints.ts';
import { notificationRoutes } from './notifications.ts';
import { recoveryRoutes } from './recoveries.ts';
import { secretRoutes } from './secrets.ts';

/** Everything about being told. */
export const webhookRoutes = (
  platform: WithLimiterStore<WebhookPlatform>,
  guard: Guard,
): Hono<ApiEnv> => {
  const routes = new Hono<ApiEnv>();
  const nouns = [endpointRoutes, secretRoutes, deliveryRoutes, recoveryRoutes, notificationRoutes];
  for (const noun of nouns) routes.route('/', noun(platform, guard));
  return routes;
};
