import { Hono } from 'hono';
import { type EventView, getEvent, turnOfEvent } from '../../../shared/core/events.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { uuidParam } from '../http/path-params.ts';
import { eventBody } from '../native/event-body.ts';
import { eventNotFound } from '../native/events.ts';

/** Clients of this route stop waiting at SUCCEEDED or FAILED only, and show `error` as it is: text. */
const outcomeOf = ({ status, error }: EventView) =>
  status === 'CANCELLED'
    ? { status: 'FAILED', error: 'It was cancelled.', failure: null }
    : { status, error: error?.message ?? null, failure: error ?? null };

/** `GET /v1/event/{id}/`; the list, `GET /v1/events/`, is the native one. */
export const eventRoutes = (platform: Platform, guard: Guard) =>
  new Hono<ApiEnv>().get('/v1/event/:id', guard('read'), async (c) => {
    const { project } = c.get('principal');
    const event = await getEvent(platform, project, uuidParam(c, 'event_id'));
    if (!event) throw eventNotFound();
    const turn = await turnOfEvent(platform, project, event);
    return c.json({ ...eventBody(event, turn), ...outcomeOf(event) });
  });
