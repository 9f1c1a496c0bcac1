import { Hono } from 'hono';
import { type EventView, getEvent } from '../../../shared/core/events.ts';
import type { WithLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import type { FullPlatform, Platform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { uuidParam } from '../http/path-params.ts';
import { eventNotFound, readableBody } from '../native/events.ts';
import { addRoutes } from './add.ts';
import { batchRoutes } from './batch.ts';
import { deleteRoutes } from './delete.ts';
import { listRoutes } from './list.ts';
import { memoryRoutes } from './memories.ts';
import { searchRoutes } from './search.ts';
import { webhookRoutes } from './webhooks.ts';

/** `GET /v1/ping`. Clients need all of these fields. `user_email` is not an address, which would make clients link identities. */
const pingRoutes = (guard: Guard) =>
  new Hono<ApiEnv>().get('/v1/ping', guard(), (c) => {
    const { organization, project } = c.get('principal');
    return c.json({
      status: 'ok',
      org_id: organization,
      project_id: project,
      user_email: 'turnstone',
    });
  });

/** Clients of this route stop polling only at SUCCEEDED or FAILED, and show `error` as text. */
const outcomeOf = ({ status, error }: EventView) =>
  status === 'CANCELLED'
    ? { status: 'FAILED', error: 'The event was cancelled.', failure: null }
    : { status, error: error?.message ?? null, failure: error ?? null };

/** `GET /v1/event/{id}/`. The list `GET /v1/events/` is the native route. */
const eventRoutes = (platform: Platform, guard: Guard) =>
  new Hono<ApiEnv>().get('/v1/event/:id', guard('read'), async (c) => {
    const { project } = c.get('principal');
    const event = await getEvent(platform, project, uuidParam(c, 'event_id'));
    if (!event) throw eventNotFound();
    return c.json({ ...(await readableBody(platform, project, event)), ...outcomeOf(event) });
  });

/** All routes of the surface for mem0 clients. */
export const mem0Routes = (
  platform: WithLimiterStore<FullPlatform>,
  guard: Guard,
): Hono<ApiEnv> => {
  const routes = new Hono<ApiEnv>();
  const groups = [
    pingRoutes(guard),
    addRoutes(platform, guard),
    searchRoutes(platform, guard),
    listRoutes(platform, guard),
    memoryRoutes(platform, guard),
    deleteRoutes(platform, guard),
    batchRoutes(platform, guard),
    eventRoutes(platform, guard),
    webhookRoutes(platform, guard),
  ];
  for (const group of groups) routes.route('/', group);
  return routes;
};
