import * as z from 'zod';
import { getDelivery, listDeliveries } from '../../../../shared/core/webhooks/list-deliveries.ts';
import { resendDelivery } from '../../../../shared/core/webhooks/manual-delivery.ts';
import { deliveryStatuses } from '../../../../shared/domain/webhooks/delivery.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import { cursorPageSchema, DeliveryId, EndpointId } from '../../http/answers.openapi.ts';
import { badCursor, cursorOf, cursorPage } from '../../http/cursor.ts';
import { HttpError } from '../../http/http-error.ts';
import { InstantText } from '../../http/instant.ts';
import { omitNullish } from '../../http/omit-nullish.ts';
import { createRoutes } from '../../http/routes.ts';
import { describe } from '../../openapi/describe.ts';
import { exampleIds } from '../../openapi/example-ids.openapi.ts';
import { Delivery, DeliveryOrReceipt, DeliveryWithAttempts } from './delivery.openapi.ts';
import { attemptBody, deliveryBody } from './delivery-body.ts';
import { deliveryNotFound, endpointNotFound } from './errors.ts';
import { endpointParam } from './path-params.ts';

const Query = z.object({
  status: z.enum(deliveryStatuses).optional(),
  since: InstantText.optional(),
});

const endpointGone = (): HttpError =>
  new HttpError(409, 'endpoint_gone', 'The endpoint of this delivery was deleted.');

const blockedByOrder = (): HttpError =>
  new HttpError(
    409,
    'delivery_blocked_by_order',
    'This endpoint is ordered, and an earlier delivery to it is not complete yet.',
  );

const notSent = {
  not_found: deliveryNotFound,
  endpoint_gone: endpointGone,
  blocked_by_order: blockedByOrder,
};

/** Routes of deliveries and their attempts: list, get, resend. */
export const deliveryRoutes = (platform: WebhookPlatform) => {
  const routes = createRoutes('Webhook deliveries');

  routes.get('/v1/endpoints/:id/deliveries', {
    permission: 'read',
    work: 'list',
    query: Query,
    pages: 'cursor',
    openapi: describe(() => ({
      operationId: 'listDeliveries',
      summary: 'List deliveries of an endpoint',
      description: 'Newest first.',
      params: { id: EndpointId },
      responses: { 200: cursorPageSchema(Delivery) },
      errors: { 404: ['endpoint_not_found'] },
      example: {
        params: { id: exampleIds.endpoint },
        query: { status: 'succeeded', since: '2026-01-31', limit: '20' },
      },
    })),
    handler: async (c, read) => {
      const { project } = c.get('principal');
      const asked = { ...omitNullish(read.query()), ...cursorOf(c) };
      const listed = await listDeliveries(platform, project, endpointParam(c), asked);
      if (listed === 'not_found') throw endpointNotFound();
      if (listed === 'bad_cursor') throw badCursor();
      return c.json(
        cursorPage(
          c,
          listed.deliveries.map((one) => deliveryBody(c, one)),
          listed.next,
        ),
      );
    },
  });

  routes.get('/v1/deliveries/:id', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getDelivery',
      summary: 'Get a delivery with its attempts',
      params: { id: DeliveryId },
      responses: { 200: DeliveryWithAttempts },
      errors: { 404: ['delivery_not_found'] },
      example: { params: { id: exampleIds.delivery } },
    })),
    handler: async (c) => {
      const found = await getDelivery(platform, c.get('principal').project, c.req.param('id'));
      if (!found) throw deliveryNotFound();
      const attempts = found.attempts.map((attempt) => attemptBody(c, attempt));
      return c.json({ ...deliveryBody(c, found.delivery), attempts });
    },
  });

  routes.post('/v1/deliveries/:id/resend', {
    permission: 'write',
    work: 'outbound',
    openapi: describe(() => ({
      operationId: 'resendDelivery',
      summary: 'Send a delivery again',
      description:
        'One extra attempt. A success completes the delivery; a failure changes nothing.',
      params: { id: DeliveryId },
      responses: { 202: DeliveryOrReceipt },
      errors: { 404: ['delivery_not_found'], 409: ['endpoint_gone', 'delivery_blocked_by_order'] },
      example: { params: { id: exampleIds.delivery } },
    })),
    handler: async (c) => {
      const sent = await resendDelivery(platform, c.get('principal').project, c.req.param('id'));
      if (sent.outcome !== 'sent') throw notSent[sent.outcome]();
      return c.json(deliveryBody(c, sent.delivery), 202);
    },
  });

  return routes.all;
};
