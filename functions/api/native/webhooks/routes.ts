import type { Context } from 'hono';
import type { WithLimiterStore } from '../../../../shared/core/webhooks/limiter-store.ts';
import type { Notification } from '../../../../shared/domain/webhooks/notification.ts';
import { withMaskedUrl } from '../../../../shared/domain/webhooks/payload.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import { cursorPageSchema } from '../../http/answers.openapi.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { badCursor, cursorOf, cursorPage } from '../../http/cursor.ts';
import { isoTime } from '../../http/instant.ts';
import { maySeeSecrets } from '../../http/may-read.ts';
import { createRoutes, type DeclaredRoute } from '../../http/routes.ts';
import { describe } from '../../openapi/describe.ts';
import { deliveryRoutes } from './deliveries.ts';
import { endpointRoutes } from './endpoints.ts';
import { inspectorRoutes } from './inspector.ts';
import { Notification as NotificationSchema } from './notification.openapi.ts';
import { recoveryRoutes } from './recoveries.ts';
import { secretRoutes } from './secrets.ts';

const notificationBody = (c: Context<ApiEnv>, { id, type, body, createdAt }: Notification) => ({
  id,
  type,
  payload: JSON.parse(
    type === 'endpoint.disabled' && !maySeeSecrets(c) ? withMaskedUrl(body) : body,
  ),
  created_at: isoTime(createdAt),
});

/** `GET /v1/notifications`: polling instead of webhooks. Oldest first, from the cursor of an earlier response. */
const notificationRoutes = (platform: WebhookPlatform) => {
  const routes = createRoutes('Webhook deliveries');

  routes.get('/v1/notifications', {
    permission: 'read',
    work: 'list',
    pages: 'cursor',
    openapi: describe(() => ({
      operationId: 'listNotifications',
      summary: 'Poll notifications instead of receiving webhooks',
      description: 'Oldest first. The `cursor` of the answer is there even if nothing is new.',
      responses: { 200: cursorPageSchema(NotificationSchema) },
      example: { query: { limit: '20' } },
    })),
    handler: async (c) => {
      const asked = cursorOf(c);
      const { listNotifications } = await import('../late.ts');
      const listed = await listNotifications(platform, c.get('principal').project, asked);
      if (listed === 'bad_cursor') throw badCursor();
      const { notifications, next, isEnd } = listed;
      return c.json(
        cursorPage(
          c,
          notifications.map((one) => notificationBody(c, one)),
          next,
          isEnd,
        ),
      );
    },
  });

  return routes.all;
};

/** All native routes of webhooks. */
export const webhookRoutes = (platform: WithLimiterStore<WebhookPlatform>): DeclaredRoute[] => [
  ...endpointRoutes(platform),
  ...secretRoutes(platform),
  ...deliveryRoutes(platform),
  ...recoveryRoutes(platform),
  ...notificationRoutes(platform),
  ...inspectorRoutes(platform),
];
