import { type Context, Hono } from 'hono';
import type * as z from 'zod';
import { findProject } from '../../../shared/core/projects/projects.ts';
import type { EndpointError } from '../../../shared/core/webhooks/endpoint-request.ts';
import {
  createEndpoint,
  deleteEndpoint,
  pauseEndpoint,
  resumeEndpoint,
  updateEndpoint,
} from '../../../shared/core/webhooks/endpoints.ts';
import type { WithLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import { listEndpoints } from '../../../shared/core/webhooks/subscribers.ts';
import type { Project } from '../../../shared/domain/project.ts';
import type { Endpoint } from '../../../shared/domain/webhooks/endpoint.ts';
import { maskedUrl } from '../../../shared/domain/webhooks/masked-url.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api.ts';
import { omitNullish } from '../http/given.ts';
import { HttpError } from '../http/http-error.ts';
import { idParam } from '../http/id-param.ts';
import { isoTime } from '../http/instant.ts';
import { readBody } from '../http/json-body.ts';
import { maySeeSecrets } from '../http/may-read.ts';
import { quotaExceeded } from '../http/quota.ts';
import { CreateWebhook, UpdateWebhook } from './webhook-schema.ts';

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

/** A refusal as these routes tell it: also under the name of the field. */
const byField = (code: string, field: string, message: string): HttpError =>
  new HttpError(400, code, message, { field, body: { [field]: [message] } });

const refused = ({ code, field, message }: EndpointError): HttpError =>
  byField(code, field, message);

const readWebhook = async <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
): Promise<z.output<S>> => {
  try {
    return await readBody(c, schema);
  } catch (error) {
    if (!(error instanceof HttpError) || !error.details.field) throw error;
    throw byField(error.code, error.details.field, error.message);
  }
};

/** Endpoints of a project, as a client of this surface knows them. */
export const webhookRoutes = (platform: WithLimiterStore<FullPlatform>, guard: Guard) => {
  /** The path names the project of the key, by its id or its name. */
  const ownProject = async (c: Context<ApiEnv>): Promise<Project> => {
    const project = await findProject(platform, c.get('principal').project);
    const named = c.req.param('project');
    if (project && (named === project.id || named === project.name)) return project;
    throw new HttpError(403, 'forbidden', "You don't have access to this project");
  };

  /** True when there is such an endpoint, as active as asked for from now on. */
  const activate = async (project: string, id: string, isActive: boolean | undefined) => {
    if (isActive === undefined) return true;
    const change = isActive ? resumeEndpoint : pauseEndpoint;
    return (await change(platform, project, id)) !== undefined;
  };

  const routes = new Hono<ApiEnv>();

  routes.get('/api/v1/webhooks/projects/:project', guard('read', 'list'), async (c) => {
    const project = await ownProject(c);
    const endpoints = await listEndpoints(platform, project.id);
    return c.json(endpoints.map((endpoint) => webhookBody(c, endpoint, project)));
  });

  routes.post('/api/v1/webhooks/projects/:project', guard('write', 'outbound'), async (c) => {
    const project = await ownProject(c);
    const { name, url, event_types: eventTypes } = await readWebhook(c, CreateWebhook);
    const created = await createEndpoint(platform, project.id, { name, url, eventTypes });
    if (created.outcome === 'refused') throw refused(created);
    if (created.outcome === 'full') throw quotaExceeded(created);
    const { endpoint, secret } = created;
    // The answer repeats what was just sent, so it hides nothing of it.
    return c.json({ ...webhookBody(c, endpoint, project), url: endpoint.url, secret }, 201);
  });

  routes.put('/api/v1/webhooks/:id', guard('write', 'outbound'), async (c) => {
    const id = idParam(c, 'whe', webhookNotFound);
    const { name, url, event_types: eventTypes, is_active } = await readWebhook(c, UpdateWebhook);
    const { project } = c.get('principal');
    const changes = omitNullish({ name, url, eventTypes });
    const updated = await updateEndpoint(platform, project, id, changes);
    if (updated.outcome === 'refused') throw refused(updated);
    const isThere = updated.outcome === 'updated' && (await activate(project, id, is_active));
    if (!isThere) throw webhookNotFound();
    return c.json({ message: 'Webhook updated successfully' });
  });

  routes.delete('/api/v1/webhooks/:id', guard('write'), async (c) => {
    const { project } = c.get('principal');
    const outcome = await deleteEndpoint(platform, project, idParam(c, 'whe', webhookNotFound));
    if (outcome === 'not_found') throw webhookNotFound();
    return c.json({ message: 'Webhook deleted successfully' });
  });

  return routes;
};
