import {
  clearInspector,
  inspectedRequests,
  type ShownRequest,
} from '../../../../shared/core/webhooks/inspected-requests.ts';
import { inspectorUrl } from '../../../../shared/domain/webhooks/endpoint-url.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import { HttpError } from '../../http/http-error.ts';
import { isoTime } from '../../http/instant.ts';
import { createRoutes } from '../../http/routes.ts';
import { describe } from '../../openapi/describe.ts';
import { ClearedInspector, Inspector } from './inspector.openapi.ts';

const noInspector = (): HttpError =>
  new HttpError(404, 'no_inspector', 'This service has no inspector of webhooks.');

const requestBody = ({ at, url, notification, type, headers, status, body }: ShownRequest) => ({
  received_at: isoTime(at),
  url,
  notification_id: notification,
  event_type: type ?? null,
  headers,
  status,
  payload: body === undefined ? null : JSON.parse(body),
});

/**
 * Routes of the inspector, a receiver of webhooks for trying them out that is a part of the service itself. On AWS the bundle leaves
 * them out.
 */
export const inspectorRoutes = (platform: WebhookPlatform) => {
  const routes = createRoutes('Webhook deliveries');

  routes.get('/v1/inspector', {
    // Payloads of `endpoint.disabled` have whole URLs of endpoints.
    permission: ['read', 'write'],
    work: 'list',
    openapi: describe(() => ({
      operationId: 'listInspectedRequests',
      summary: 'List the webhooks that the inspector received',
      description:
        'The newest 50 of the project since the start of the process, newest first. Register an endpoint with the `url` of the answer; `?status=503` makes the inspector answer so. Not on AWS.',
      responses: { 200: Inspector },
      errors: { 404: ['no_inspector'] },
      example: {},
    })),
    handler: async (c) => {
      const requests = await inspectedRequests(platform, c.get('principal').project);
      if (!requests) throw noInspector();
      return c.json({ url: inspectorUrl, requests: requests.map(requestBody) });
    },
  });

  routes.delete('/v1/inspector', {
    permission: 'write',
    openapi: describe(() => ({
      operationId: 'clearInspector',
      summary: 'Forget the webhooks that the inspector received',
      responses: { 200: ClearedInspector },
      errors: { 404: ['no_inspector'] },
      example: {},
    })),
    handler: (c) => {
      if (!clearInspector(platform, c.get('principal').project)) throw noInspector();
      return c.json({ cleared: true });
    },
  });

  return routes.all;
};
