import { Hono } from 'hono';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api-env.ts';

/** Clients refuse to start without all of these. An address in `user_email` would make them link identities, so it is none. */
export const pingRoutes = (guard: Guard) =>
  new Hono<ApiEnv>().get('/v1/ping', guard(), (c) => {
    const { organization, project } = c.get('principal');
    return c.json({
      status: 'ok',
      org_id: organization,
      project_id: project,
      user_email: 'turnstone',
    });
  });
