import { Hono } from 'hono';
import * as z from 'zod';
import { getDelivery, listDeliveries } from '../../../../shared/core/webhooks/list-deliveries.ts';
import { resendDelivery } from '../../../../shared/core/webhooks/manual-delivery.ts';
import { deliveryStatuses } from '../../../../shared/domain/webhooks/delivery.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import type { Guard } from '../../auth.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { badCursor, cursorOf, cursorPage } from '../../http/cursor.ts';
import { HttpError } from '../../http/http-error.ts';
import { InstantText } from '../../http/instant.ts';
import { omitNullish } from '../../http/omit-nullish.ts';
import { parse } from '../../http/parse.ts';
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
export const deliveryRoutes = (platform: WebhookPlatform, guard: Guard) => {
  const routes = new Hono<ApiEnv>();

  routes.get('/v1/endpoints/:id/deliveries', guard('read', 'list'), async (c) => {
    const { project } = c.get('principal');
    const asked = { ...omitNullish(parse(Query, c.req.query())), ...cursorOf(c) };
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
  });

  routes.get('/v1/deliveries/:id', guard('read'), async (c) => {
    const found = await getDelivery(platform, c.get('principal').project, c.req.param('id'));
    if (!found) throw deliveryNotFound();
    const attempts = found.attempts.map((attempt) => attemptBody(c, attempt));
    return c.json({ ...deliveryBody(c, found.delivery), attempts });
  });

  routes.post('/v1/deliveries/:id/resend', guard('write', 'outbound'), async (c) => {
    const sent = await resendDelivery(platform, c.get('principal').project, c.req.param('id'));
    if (sent.outcome !== 'sent') throw notSent[sent.outcome]();
    return c.json(deliveryBody(c, sent.delivery), 202);
  });

  return routes;
};
