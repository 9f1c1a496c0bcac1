import type { Context } from 'hono';
import * as z from 'zod';
import {
  cancelEvent,
  type EventView,
  getEvent,
  readableEvents,
  waitForEvent,
} from '../../../shared/core/events.ts';
import { retryGroup } from '../../../shared/core/group-events.ts';
import { eventKinds } from '../../../shared/domain/memory/event.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { EventId, pageSchema } from '../http/answers.openapi.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { HttpError } from '../http/http-error.ts';
import { mayRead } from '../http/may-read.ts';
import { pagingOf } from '../http/paging.ts';
import { uuidParam } from '../http/path-params.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { EventOfPage, EventOrReceipt, EventStream, LastEventId } from './event.openapi.ts';
import { eventBody, eventReceipt } from './event-body.ts';
import { eventPage, eventPageQuery } from './event-page.ts';

/** Longest wait of a request for an event; below the 30 s timeout of gateways. */
export const maxWaitMs = 25_000;

const seconds = 'must be a number of seconds, 0 or more';
const Query = z.object({
  wait: z.coerce.number(seconds).min(0, seconds).optional(),
  stages: z.stringbool({ error: 'must be true or false' }).default(false),
});

const statuses = ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;

/** Units of `stages` besides that of the event: it reads as much as a list. */
const stagesUnits = 3;

/** Names separated by commas. A name of `others` is valid and matches nothing. */
const namesOf = <T extends string>(names: readonly T[], others: readonly string[] = []) => {
  const all = [...names, ...others];
  return z.string().transform((text, context): T[] => {
    const asked = text.split(',').map((name) => name.trim().toUpperCase());
    if (asked.every((name) => all.includes(name)))
      return names.filter((name) => asked.includes(name));
    context.addIssue(`must be one or several of ${all.join(', ')}`);
    return z.NEVER;
  });
};

/** Kinds of events that other services have. */
const foreignKinds = ['GET_ALL', 'GET', 'DELETE_USER'];

const ListQuery = z.object({
  ...eventPageQuery,
  status: namesOf(statuses).optional(),
  event_type: namesOf(eventKinds, foreignKinds).optional(),
});

export const eventNotFound = (): HttpError =>
  new HttpError(
    404,
    'event_not_found',
    "Event not found or you don't have permission to access it.",
  );

/** Builds an event for a key with the read permission: without what was deleted since. */
export const readableBody = async (platform: Platform, project: string, event: EventView) => {
  const [readable = { event }] = await readableEvents(platform, project, [event]);
  return eventBody(readable);
};

/** A stream ends after a day at the latest; clients connect again. */
const maxStreamSeconds = 86_400;
const StreamQuery = z.object({
  seconds: z.coerce.number(seconds).min(0, seconds).max(maxStreamSeconds).default(maxStreamSeconds),
});

interface EventRouteOptions {
  /** false: answers are sent as a whole. */
  streams?: boolean;
  /** Aborts when the process shuts down. */
  closing?: AbortSignal;
}

const noStream = (): HttpError =>
  new HttpError(
    501,
    'not_supported',
    'This service has no stream of events: ask for GET /v1/events again every few seconds, or register a webhook.',
  );

/** Native routes of events: get, wait for, list, follow, retry, cancel. */
export const eventRoutes = (
  platform: Platform,
  { streams = true, closing }: EventRouteOptions = {},
) => {
  const routes = createRoutes('Events');
  const load = async () => {
    const { createEventStreams } = await import('./event-stream.ts');
    return streams ? createEventStreams(platform) : undefined;
  };
  let loading: ReturnType<typeof load> | undefined;

  const show = async (project: string, event: EventView | undefined, withStages = false) => {
    if (!event) throw eventNotFound();
    const body = await readableBody(platform, project, event);
    return withStages ? { ...body, stages: await stagesOf(event) } : body;
  };
  const stagesOf = async (event: EventView) => {
    const { readStages } = await import('./late.ts');
    return readStages(platform, event);
  };
  const current = async (c: Context<ApiEnv>, id: string, withStages = false) => {
    const { project } = c.get('principal');
    const event = await getEvent(platform, project, id);
    return event && !mayRead(c) ? eventReceipt(event) : show(project, event, withStages);
  };

  routes.get('/v1/events', {
    permission: 'read',
    work: 'list',
    query: ListQuery,
    pages: 'number',
    openapi: describe(() => ({
      operationId: 'listEvents',
      summary: 'List events',
      description:
        'The events of the project, newest first; with `status` or `event_type` those of them that have it. A page number covers the newest 10,000, `next` links go on. `count` counts up to 400 events after the page.',
      responses: { 200: pageSchema(EventOfPage) },
      example: { query: { page: '1', page_size: '20' } },
    })),
    handler: async (c, read) => {
      const { status: statuses, event_type: kinds, ...query } = read.query();
      return eventPage(c, platform, pagingOf(c), { ...query, statuses, kinds });
    },
  });

  // Before the route by id, which would read `stream` as one.
  routes.get('/v1/events/stream', {
    permission: 'read',
    work: 'list',
    query: StreamQuery,
    openapi: describe(() => ({
      operationId: 'streamEvents',
      summary: 'Follow events as they change stage',
      description:
        'Server-sent events, on one machine; on AWS a 501. `stage` has an event after a change of its stage, status or attempts, without texts. `reset` says that changes may have been missed: list the events. A comment every 15 seconds shows that the stream is open. It ends after `seconds`, and when the key is revoked.',
      headers: { 'Last-Event-ID': LastEventId },
      responses: { 200: EventStream },
      mediaType: 'text/event-stream',
      errors: { 429: ['too_many_streams'], 501: ['not_supported'] },
      example: { query: { seconds: '0' } },
    })),
    handler: async (c, read) => {
      const { seconds } = read.query();
      loading ??= load();
      const stream = await loading;
      if (!stream) throw noStream();
      return stream(c, { seconds, closing });
    },
  });

  routes.get('/v1/events/:id', {
    permission: 'read',
    query: Query,
    openapi: describe(() => ({
      operationId: 'getEvent',
      summary: 'Get an event, or wait for its end',
      description:
        'With `wait`, answers as soon as the event is final or the seconds (25 at most) have passed. Each second costs a unit. `stages=true` adds the stages, with what the index shows and the webhooks that were sent, for three units.',
      params: { id: EventId },
      responses: { 200: EventOrReceipt },
      errors: { 400: ['invalid_id'], 404: ['event_not_found'] },
      example: { params: { id: exampleIds.event }, query: { wait: '5', stages: 'true' } },
    })),
    handler: async (c, read) => {
      const id = uuidParam(c, 'event_id');
      const { wait, stages } = read.query();
      if (stages) c.get('charge')(stagesUnits);
      if (wait === undefined) return c.json(await current(c, id, stages));
      const { project } = c.get('principal');
      const ms = Math.min(wait * 1_000, maxWaitMs);
      // A waiting request polls the store, so each second of waiting costs a unit.
      c.get('charge')(Math.ceil(ms / 1_000));
      const event = await waitForEvent(platform, project, id, ms, c.req.raw.signal);
      return c.json(await show(project, event, stages));
    },
  });

  routes.post('/v1/events/:id/retry', {
    permission: 'write',
    openapi: describe(() => ({
      operationId: 'retryEvent',
      summary: 'Start a failed event again',
      description:
        'The event gets a full retry budget. The event of a request that made several turns stands for those that failed.',
      params: { id: EventId },
      responses: { 200: EventOrReceipt },
      errors: { 400: ['invalid_id'], 404: ['event_not_found'], 409: ['event_not_failed'] },
      example: { params: { id: exampleIds.failedEvent } },
    })),
    handler: async (c) => {
      const id = uuidParam(c, 'event_id');
      const outcome = await retryGroup(platform, c.get('principal').project, id);
      if (outcome === 'not_failed')
        throw new HttpError(409, 'event_not_failed', 'Only a FAILED event can be retried.');
      return c.json(await current(c, id));
    },
  });

  routes.post('/v1/events/:id/cancel', {
    permission: 'write',
    openapi: describe(() => ({
      operationId: 'cancelEvent',
      summary: 'Cancel an event that is not applied yet',
      description: 'Its rough memory is deleted.',
      params: { id: EventId },
      responses: { 200: EventOrReceipt },
      errors: { 400: ['invalid_id'], 404: ['event_not_found'], 409: ['event_final'] },
      example: { params: { id: exampleIds.waitingEvent } },
    })),
    handler: async (c) => {
      const id = uuidParam(c, 'event_id');
      const outcome = await cancelEvent(platform, c.get('principal').project, id);
      if (outcome === 'final')
        throw new HttpError(409, 'event_final', 'This event is over and cannot be cancelled.');
      return c.json(await current(c, id));
    },
  });

  return routes.all;
};
