import type { Context } from 'hono';
import * as z from 'zod';
import { findProject } from '../../../shared/core/projects/projects.ts';
import type { EndpointError } from '../../../shared/core/webhooks/endpoint-request.ts';
import type { WithLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import { listEndpoints } from '../../../shared/core/webhooks/subscribers.ts';
import type { Project } from '../../../shared/domain/project.ts';
import type { Endpoint } from '../../../shared/domain/webhooks/endpoint.ts';
import { maskedUrl } from '../../../shared/domain/webhooks/masked-url.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { EndpointId } from '../http/answers.openapi.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { HttpError } from '../http/http-error.ts';
import { isoTime } from '../http/instant.ts';
import { limits } from '../http/limits.ts';
import { nonEmptyListOf } from '../http/list-of.ts';
import { maySeeSecrets } from '../http/may-read.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { idParam } from '../http/path-params.ts';
import { quotaExceeded } from '../http/quota.ts';
import { createRoutes } from '../http/routes.ts';
import { refusals } from '../native/webhooks/endpoint.openapi.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { Message } from './memory.openapi.ts';
import { CreatedWebhook, ProjectName, Webhook } from './webhook.openapi.ts';

/** Event type; also in the older form `memory:add`. */
const EventType = z
  .string()
  .max(100)
  .transform((type) => type.replace(/^memory:/, 'memory_'));

const fields = {
  name: z.string().min(1).max(200),
  url: z.string().min(1),
  event_types: nonEmptyListOf(EventType, limits.endpointEventTypes),
};

const CreateWebhook = z.object({
  ...fields,
  is_active: z.boolean().nullish(),
  /** Must be the project of the key, by id or name; that of the path is required all the same. */
  project_id: z.string().nullish(),
});

/** Changes only the given fields. `is_active` is accepted because every response has it. */
const UpdateWebhook = z.object({ ...fields, is_active: z.boolean() }).partial();

const webhookBody = (c: Context<ApiEnv>, endpoint: Endpoint, project: Project) => ({
  webhook_id: endpoint.id,
  name: endpoint.name,
  url: maySeeSecrets(c) ? endpoint.url : maskedUrl(endpoint.url),
  owner: 'turnstone',
  event_types: endpoint.eventTypes,
  project: project.name,
  is_active: endpoint.status === 'active',
  created_at: isoTime(endpoint.createdAt),
  updated_at: isoTime(endpoint.updatedAt),
});

const webhookNotFound = (): HttpError =>
  new HttpError(404, 'webhook_not_found', 'Webhook not found');

/** Builds an error with the message also under the name of the field, as clients of these routes expect. */
const fieldError = (code: string, field: string, message: string): HttpError =>
  new HttpError(400, code, message, { field, body: { [field]: [message] } });

const toHttpError = ({ code, field, message }: EndpointError): HttpError =>
  fieldError(code, field, message);

/** Converts an error of a field to the form of these routes. */
const orFieldError = async <T>(reading: Promise<T>): Promise<T> => {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof HttpError) || !error.details.field) throw error;
    throw fieldError(error.code, error.details.field, error.message);
  }
};

/** Loads the rarely used operations on first use, so that a cold start does not read them. */
const load = () => import('../../../shared/core/webhooks/endpoints.ts');

/** Routes of webhooks, the endpoints of a project in the form of this surface. */
export const webhookRoutes = (platform: WithLimiterStore<FullPlatform>) => {
  const noAccess = (): HttpError =>
    new HttpError(403, 'forbidden', "You don't have access to this project");
  const isNamed = ({ id, name }: Project, named: string | undefined): boolean =>
    named === id || named === name;

  /** Returns the project of the key. The path must name that project, by id or name. */
  const ownProject = async (c: Context<ApiEnv>): Promise<Project> => {
    const project = await findProject(platform, c.get('principal').project);
    if (project && isNamed(project, c.req.param('project'))) return project;
    throw noAccess();
  };

  /** Resumes or pauses an endpoint if requested. Returns false if there is no such endpoint. */
  const activate = async (project: string, id: string, isActive: boolean | undefined) => {
    if (isActive === undefined) return true;
    const { resumeEndpoint, pauseEndpoint } = await load();
    const change = isActive ? resumeEndpoint : pauseEndpoint;
    return (await change(platform, project, id)) !== undefined;
  };

  const routes = createRoutes('mem0: webhooks');

  routes.get('/api/v1/webhooks/projects/:project', {
    permission: 'read',
    work: 'list',
    openapi: describe(() => ({
      operationId: 'listWebhooks',
      summary: 'List webhooks',
      params: { project: ProjectName },
      responses: { 200: z.array(Webhook) },
      example: { params: { project: exampleIds.project } },
    })),
    handler: async (c) => {
      const project = await ownProject(c);
      const endpoints = await listEndpoints(platform, project.id);
      return c.json(endpoints.map((endpoint) => webhookBody(c, endpoint, project)));
    },
  });

  routes.post('/api/v1/webhooks/projects/:project', {
    permission: 'write',
    work: 'outbound',
    body: CreateWebhook,
    openapi: describe(() => ({
      operationId: 'createWebhook',
      summary: 'Register a webhook',
      params: { project: ProjectName },
      responses: { 201: CreatedWebhook },
      errors: { 400: refusals, 409: ['too_many_endpoints'] },
      example: {
        params: { project: exampleIds.project },
        body: {
          name: 'memory log',
          url: exampleIds.url,
          event_types: ['memory_add', 'memory_update'],
        },
      },
    })),
    handler: async (c, read) => {
      const project = await ownProject(c);
      const body = await orFieldError(read.body());
      const { name, url, event_types: eventTypes } = body;
      if (body.project_id != null && !isNamed(project, body.project_id)) throw noAccess();
      const { createEndpoint } = await load();
      const created = await createEndpoint(platform, project.id, {
        name,
        url,
        eventTypes,
        isPaused: body.is_active === false,
      });
      if (created.outcome === 'refused') throw toHttpError(created);
      if (created.outcome === 'full') throw quotaExceeded(created);
      const { endpoint, secret } = created;
      // The caller has just sent the URL, so the response does not mask it.
      return c.json({ ...webhookBody(c, endpoint, project), url: endpoint.url, secret }, 201);
    },
  });

  routes.put('/api/v1/webhooks/:id', {
    permission: 'write',
    work: 'outbound',
    body: UpdateWebhook,
    openapi: describe(() => ({
      operationId: 'updateWebhook',
      summary: 'Change a webhook',
      params: { id: EndpointId },
      responses: { 200: Message },
      errors: { 400: refusals, 404: ['webhook_not_found'] },
      example: {
        params: { id: exampleIds.endpoint },
        body: { name: 'audit log', is_active: true },
      },
    })),
    handler: async (c, read) => {
      const id = idParam(c, 'whe', webhookNotFound);
      const { name, url, event_types: eventTypes, is_active } = await orFieldError(read.body());
      const { project } = c.get('principal');
      const changes = omitNullish({ name, url, eventTypes });
      const { updateEndpoint } = await load();
      const updated = await updateEndpoint(platform, project, id, changes);
      if (updated.outcome === 'refused') throw toHttpError(updated);
      const isThere = updated.outcome === 'updated' && (await activate(project, id, is_active));
      if (!isThere) throw webhookNotFound();
      return c.json({ message: 'Webhook updated successfully' });
    },
  });

  routes.delete('/api/v1/webhooks/:id', {
    permission: 'write',
    openapi: describe(() => ({
      operationId: 'deleteWebhook',
      summary: 'Delete a webhook',
      params: { id: EndpointId },
      responses: { 200: Message },
      errors: { 404: ['webhook_not_found'] },
      example: { params: { id: exampleIds.otherEndpoint } },
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      const { deleteEndpoint } = await load();
      const outcome = await deleteEndpoint(platform, project, idParam(c, 'whe', webhookNotFound));
      if (outcome === 'not_found') throw webhookNotFound();
      return c.json({ message: 'Webhook deleted successfully' });
    },
  });

  return routes.all;
};
