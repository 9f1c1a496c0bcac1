import type { WithLimiterStore } from '../../../../shared/core/webhooks/limiter-store.ts';
import { sendTest } from '../../../../shared/core/webhooks/manual-delivery.ts';
import { listEndpoints } from '../../../../shared/core/webhooks/subscribers.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import { EndpointId, pageSchema } from '../../http/answers.openapi.ts';
import { isoTimeOrNull } from '../../http/instant.ts';
import { pageOf, pagingOf } from '../../http/paging.ts';
import { quotaExceeded } from '../../http/quota.ts';
import { createRoutes } from '../../http/routes.ts';
import { warningsOf } from '../../http/warnings.ts';
import { describe } from '../../openapi/describe.ts';
import { exampleIds } from '../../openapi/example-ids.openapi.ts';
import { DeliveryOrReceipt } from './delivery.openapi.ts';
import { deliveryBody } from './delivery-body.ts';
import {
  ChangedEndpoint,
  CreatedEndpoint,
  DeletedEndpoint,
  Endpoint,
  EndpointOrReceipt,
  ResumedEndpoint,
  refusals,
} from './endpoint.openapi.ts';
import { createdBody, endpointBody, secretBody } from './endpoint-body.ts';
import { CreateBody, PatchBody } from './endpoint-schema.ts';
import { endpointNotFound, toHttpError } from './errors.ts';
import { endpointParam } from './path-params.ts';

/** Loads the rarely used operations on first use, so that a cold start does not read them. */
const load = () => import('../../../../shared/core/webhooks/endpoints.ts');

/** Routes of webhook endpoints: create, list, get, update, delete, pause, resume, test. */
export const endpointRoutes = (platform: WithLimiterStore<WebhookPlatform>) => {
  const routes = createRoutes('Webhook endpoints');

  routes.post('/v1/endpoints', {
    permission: 'write',
    work: 'outbound',
    body: CreateBody,
    openapi: describe(() => ({
      operationId: 'createEndpoint',
      summary: 'Register a webhook endpoint',
      description: 'The secret is shown this once.',
      responses: { 201: CreatedEndpoint },
      errors: { 400: refusals, 409: ['too_many_endpoints'] },
      example: {
        body: {
          url: exampleIds.url,
          event_types: ['memory_*', 'event.failed'],
          name: 'audit log',
          filters: { user_id: ['ana', 'ben'] },
        },
      },
    })),
    handler: async (c, read) => {
      const request = await read.body();
      const { createEndpoint } = await load();
      const created = await createEndpoint(platform, c.get('principal').project, request);
      if (created.outcome === 'refused') throw toHttpError(created);
      if (created.outcome === 'full') throw quotaExceeded(created);
      return c.json(
        { ...createdBody(created.endpoint), ...secretBody(created), ...warningsOf(c) },
        201,
      );
    },
  });

  routes.get('/v1/endpoints', {
    permission: 'read',
    work: 'list',
    pages: 'number',
    openapi: describe(() => ({
      operationId: 'listEndpoints',
      summary: 'List webhook endpoints',
      responses: { 200: pageSchema(Endpoint) },
      example: { query: { page: '1', page_size: '20' } },
    })),
    handler: async (c) => {
      const paging = pagingOf(c);
      const all = await listEndpoints(platform, c.get('principal').project);
      const shown = all
        .slice(paging.skip, paging.skip + paging.size)
        .map((one) => endpointBody(c, one));
      return c.json(pageOf(c, paging, all.length, shown));
    },
  });

  routes.get('/v1/endpoints/:id', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getEndpoint',
      summary: 'Get a webhook endpoint',
      params: { id: EndpointId },
      responses: { 200: Endpoint },
      errors: { 404: ['endpoint_not_found'] },
      example: { params: { id: exampleIds.endpoint } },
    })),
    handler: async (c) => {
      const { getEndpoint } = await load();
      const endpoint = await getEndpoint(platform, c.get('principal').project, endpointParam(c));
      if (!endpoint) throw endpointNotFound();
      return c.json(endpointBody(c, endpoint));
    },
  });

  routes.patch('/v1/endpoints/:id', {
    permission: 'write',
    work: 'outbound',
    body: PatchBody,
    openapi: describe(() => ({
      operationId: 'updateEndpoint',
      summary: 'Change a webhook endpoint',
      description: 'Changes the fields it names; `null` resets a field to its default.',
      params: { id: EndpointId },
      responses: { 200: ChangedEndpoint },
      errors: { 400: refusals, 404: ['endpoint_not_found'] },
      example: {
        params: { id: exampleIds.endpoint },
        body: { max_in_flight: 4, description: null },
      },
    })),
    handler: async (c, read) => {
      const patch = await read.body();
      const { project } = c.get('principal');
      const { updateEndpoint } = await load();
      const updated = await updateEndpoint(platform, project, endpointParam(c), patch);
      if (updated.outcome === 'not_found') throw endpointNotFound();
      if (updated.outcome === 'refused') throw toHttpError(updated);
      return c.json({ ...endpointBody(c, updated.endpoint), ...warningsOf(c) });
    },
  });

  routes.delete('/v1/endpoints/:id', {
    permission: 'write',
    openapi: describe(() => ({
      operationId: 'deleteEndpoint',
      summary: 'Delete a webhook endpoint',
      description: 'Cancels its deliveries.',
      params: { id: EndpointId },
      responses: { 200: DeletedEndpoint },
      errors: { 404: ['endpoint_not_found'] },
      example: { params: { id: exampleIds.otherEndpoint } },
    })),
    handler: async (c) => {
      const id = endpointParam(c);
      const { deleteEndpoint } = await load();
      const outcome = await deleteEndpoint(platform, c.get('principal').project, id);
      if (outcome === 'not_found') throw endpointNotFound();
      return c.json({ id, deleted: true });
    },
  });

  routes.post('/v1/endpoints/:id/pause', {
    permission: 'write',
    openapi: describe(() => ({
      operationId: 'pauseEndpoint',
      summary: 'Pause a webhook endpoint',
      description: 'Queues deliveries until it is resumed; drops none.',
      params: { id: EndpointId },
      responses: { 200: EndpointOrReceipt },
      errors: { 404: ['endpoint_not_found'] },
      example: { params: { id: exampleIds.endpoint } },
    })),
    handler: async (c) => {
      const { pauseEndpoint } = await load();
      const endpoint = await pauseEndpoint(platform, c.get('principal').project, endpointParam(c));
      if (!endpoint) throw endpointNotFound();
      return c.json(endpointBody(c, endpoint));
    },
  });

  /** Resumes an endpoint. `recover_since` is the time of the pause: a recovery from there resends exhausted deliveries. */
  routes.post('/v1/endpoints/:id/resume', {
    permission: 'write',
    openapi: describe(() => ({
      operationId: 'resumeEndpoint',
      summary: 'Resume a paused or disabled webhook endpoint',
      params: { id: EndpointId },
      responses: { 200: ResumedEndpoint },
      errors: { 404: ['endpoint_not_found'] },
      example: { params: { id: exampleIds.endpoint } },
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      const { getEndpoint, resumeEndpoint } = await load();
      const before = await getEndpoint(platform, project, endpointParam(c));
      const endpoint = before && (await resumeEndpoint(platform, project, before.id));
      if (!endpoint) throw endpointNotFound();
      return c.json({
        ...endpointBody(c, endpoint),
        recover_since: isoTimeOrNull(before.statusSince?.at),
      });
    },
  });

  routes.post('/v1/endpoints/:id/test', {
    permission: 'write',
    work: 'outbound',
    openapi: describe(() => ({
      operationId: 'testEndpoint',
      summary: 'Send a test notification',
      description: 'One attempt, also while the endpoint is paused or disabled.',
      params: { id: EndpointId },
      responses: { 202: DeliveryOrReceipt },
      errors: { 400: refusals, 404: ['endpoint_not_found'] },
      example: { params: { id: exampleIds.endpoint } },
    })),
    handler: async (c) => {
      const sent = await sendTest(platform, c.get('principal').project, endpointParam(c));
      if (sent.outcome === 'not_found') throw endpointNotFound();
      if (sent.outcome === 'refused') throw toHttpError(sent);
      return c.json(deliveryBody(c, sent.delivery), 202);
    },
  });

  return routes.all;
};
