import { Hono } from 'hono';
import {
  createEndpoint,
  deleteEndpoint,
  getEndpoint,
  pauseEndpoint,
  resumeEndpoint,
  updateEndpoint,
} from '../../../../shared/core/webhooks/endpoints.ts';
import type { WithLimiterStore } from '../../../../shared/core/webhooks/limiter-store.ts';
import { sendTest } from '../../../../shared/core/webhooks/manual-delivery.ts';
import { listEndpoints } from '../../../../shared/core/webhooks/subscribers.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import type { Guard } from '../../auth.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { isoTimeOrNull } from '../../http/instant.ts';
import { readBody } from '../../http/json-body.ts';
import { pageOf, pagingOf } from '../../http/paging.ts';
import { quotaExceeded } from '../../http/quota.ts';
import { deliveryBody } from './delivery-body.ts';
import { createdBody, endpointBody, secretBody } from './endpoint-body.ts';
import { CreateBody, PatchBody } from './endpoint-schema.ts';
import { endpointNotFound, toHttpError } from './errors.ts';
import { endpointParam } from './path-params.ts';

/** Routes of webhook endpoints: create, list, get, update, delete, pause, resume, test. */
export const endpointRoutes = (platform: WithLimiterStore<WebhookPlatform>, guard: Guard) => {
  const routes = new Hono<ApiEnv>();

  routes.post('/v1/endpoints', guard('write', 'outbound'), async (c) => {
    const request = await readBody(c, CreateBody);
    const created = await createEndpoint(platform, c.get('principal').project, request);
    if (created.outcome === 'refused') throw toHttpError(created);
    if (created.outcome === 'full') throw quotaExceeded(created);
    return c.json({ ...createdBody(created.endpoint), ...secretBody(created) }, 201);
  });

  routes.get('/v1/endpoints', guard('read', 'list'), async (c) => {
    const paging = pagingOf(c);
    const all = await listEndpoints(platform, c.get('principal').project);
    const shown = all
      .slice(paging.skip, paging.skip + paging.size)
      .map((one) => endpointBody(c, one));
    return c.json(pageOf(c, paging, all.length, shown));
  });

  routes.get('/v1/endpoints/:id', guard('read'), async (c) => {
    const endpoint = await getEndpoint(platform, c.get('principal').project, endpointParam(c));
    if (!endpoint) throw endpointNotFound();
    return c.json(endpointBody(c, endpoint));
  });

  routes.patch('/v1/endpoints/:id', guard('write', 'outbound'), async (c) => {
    const patch = await readBody(c, PatchBody);
    const { project } = c.get('principal');
    const updated = await updateEndpoint(platform, project, endpointParam(c), patch);
    if (updated.outcome === 'not_found') throw endpointNotFound();
    if (updated.outcome === 'refused') throw toHttpError(updated);
    return c.json(endpointBody(c, updated.endpoint));
  });

  routes.delete('/v1/endpoints/:id', guard('write'), async (c) => {
    const id = endpointParam(c);
    const outcome = await deleteEndpoint(platform, c.get('principal').project, id);
    if (outcome === 'not_found') throw endpointNotFound();
    return c.json({ id, deleted: true });
  });

  routes.post('/v1/endpoints/:id/pause', guard('write'), async (c) => {
    const endpoint = await pauseEndpoint(platform, c.get('principal').project, endpointParam(c));
    if (!endpoint) throw endpointNotFound();
    return c.json(endpointBody(c, endpoint));
  });

  /** Resumes an endpoint. `recover_since` is the time of the pause: a recovery from there resends exhausted deliveries. */
  routes.post('/v1/endpoints/:id/resume', guard('write'), async (c) => {
    const { project } = c.get('principal');
    const before = await getEndpoint(platform, project, endpointParam(c));
    const endpoint = before && (await resumeEndpoint(platform, project, before.id));
    if (!endpoint) throw endpointNotFound();
    return c.json({
      ...endpointBody(c, endpoint),
      recover_since: isoTimeOrNull(before.statusSince?.at),
    });
  });

  routes.post('/v1/endpoints/:id/test', guard('write', 'outbound'), async (c) => {
    const sent = await sendTest(platform, c.get('principal').project, endpointParam(c));
    if (sent.outcome === 'not_found') throw endpointNotFound();
    if (sent.outcome === 'refused') throw toHttpError(sent);
    return c.json(deliveryBody(c, sent.delivery), 202);
  });

  return routes;
};
