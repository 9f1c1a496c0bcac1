import { type Context, Hono } from 'hono';
import * as z from 'zod';
import {
  cancelEvent,
  type EventView,
  getEvent,
  readableEvents,
  retryEvent,
  waitForEvent,
} from '../../../shared/core/events.ts';
import { type ListedEvent, listEvents } from '../../../shared/core/list-events.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { HttpError } from '../http/http-error.ts';
import { mayRead } from '../http/may-read.ts';
import { pageOf, pagingOf } from '../http/paging.ts';
import { parse } from '../http/parse.ts';
import { uuidParam } from '../http/path-params.ts';
import { eventBody, eventReceipt } from './event-body.ts';

/** Longest wait of a request for an event; below the 30 s timeout of gateways. */
export const maxWaitMs = 25_000;

const seconds = 'must be a number of seconds, 0 or more';
const Query = z.object({ wait: z.coerce.number(seconds).min(0, seconds).optional() });

export const eventNotFound = (): HttpError =>
  new HttpError(
    404,
    'event_not_found',
    "Event not found or you don't have permission to access it.",
  );

/** Builds an event of a list. `truncated` marks an event without its texts; the route by id returns the event with them. */
const listedBody = ({ isCut, ...listed }: ListedEvent) => ({
  ...eventBody(listed),
  ...(isCut ? { truncated: true } : {}),
});

/** Builds an event for a key with the read permission: without what was deleted since. */
export const readableBody = async (platform: Platform, project: string, event: EventView) => {
  const [readable = { event }] = await readableEvents(platform, project, [event]);
  return eventBody(readable);
};

/** Native routes of events: get, wait for, list, retry, cancel. */
export const eventRoutes = (platform: Platform, guard: Guard) => {
  const routes = new Hono<ApiEnv>();

  const show = async (project: string, event: EventView | undefined) => {
    if (!event) throw eventNotFound();
    return readableBody(platform, project, event);
  };
  const current = async (c: Context<ApiEnv>, id: string) => {
    const { project } = c.get('principal');
    const event = await getEvent(platform, project, id);
    return event && !mayRead(c) ? eventReceipt(event) : show(project, event);
  };

  routes.get('/v1/events', guard('read', 'list'), async (c) => {
    const { project } = c.get('principal');
    const paging = pagingOf(c);
    const { events, total } = await listEvents(platform, project, {
      skip: paging.skip,
      limit: paging.size,
    });
    return c.json(pageOf(c, paging, total, events.map(listedBody)));
  });

  routes.get('/v1/events/:id', guard('read'), async (c) => {
    const id = uuidParam(c, 'event_id');
    const { wait } = parse(Query, c.req.query());
    if (wait === undefined) return c.json(await current(c, id));
    const { project } = c.get('principal');
    const ms = Math.min(wait * 1_000, maxWaitMs);
    // A waiting request polls the store, so each second of waiting costs a unit.
    c.get('charge')(Math.ceil(ms / 1_000));
    const event = await waitForEvent(platform, project, id, ms, c.req.raw.signal);
    return c.json(await show(project, event));
  });

  routes.post('/v1/events/:id/retry', guard('write'), async (c) => {
    const id = uuidParam(c, 'event_id');
    const outcome = await retryEvent(platform, c.get('principal').project, id);
    if (outcome === 'not_failed')
      throw new HttpError(409, 'event_not_failed', 'Only a FAILED event can be retried.');
    return c.json(await current(c, id));
  });

  routes.post('/v1/events/:id/cancel', guard('write'), async (c) => {
    const id = uuidParam(c, 'event_id');
    const outcome = await cancelEvent(platform, c.get('principal').project, id);
    if (outcome === 'final')
      throw new HttpError(409, 'event_final', 'This event is over and cannot be cancelled.');
    return c.json(await current(c, id));
  });

  return routes;
};
