import * as z from 'zod';
import { type EventView, getEvent, readableEvents } from '../../../shared/core/events.ts';
import type { SearchDefaults } from '../../../shared/core/projects/search-defaults.ts';
import type { UsageMeter } from '../../../shared/core/projects/usage-meter.ts';
import type { WithLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import { permissions } from '../../../shared/domain/project.ts';
import type { FullPlatform, Platform } from '../../../shared/ports/platform.ts';
import { EventId, pageSchema } from '../http/answers.openapi.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { Count, pagingOf } from '../http/paging.ts';
import { uuidParam } from '../http/path-params.ts';
import { createRoutes, type DeclaredRoute } from '../http/routes.ts';
import { EventOfPage } from '../native/event.openapi.ts';
import { eventBody } from '../native/event-body.ts';
import { eventPage, eventPageQuery } from '../native/event-page.ts';
import { eventNotFound } from '../native/events.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { addRoutes } from './add.ts';
import { batchRoutes } from './batch.ts';
import { createEntityRoutes } from './create-entity.ts';
import { deleteRoutes } from './delete.ts';
import { effectsOf, reasonOf } from './effects.ts';
import { entityRoutes } from './entities.ts';
import { PolledEvent } from './event.openapi.ts';
import { exportRoutes } from './exports.ts';
import { feedbackRoutes } from './feedback.ts';
import { listRoutes } from './list.ts';
import { memoryRoutes } from './memories.ts';
import { profileRoutes } from './profiles.ts';
import { projectRoutes } from './projects.ts';
import { searchRoutes } from './search.ts';
import { statsRoutes } from './stats.ts';
import { webhookRoutes } from './webhooks.ts';

/** `GET /v1/ping`. Clients need all of these fields. `user_email` is not an address, which would make clients link identities. */
const pingRoutes = () => {
  const routes = createRoutes('mem0: service');

  routes.get('/v1/ping', {
    openapi: describe(() => ({
      operationId: 'ping',
      summary: 'Get the project and the permissions of the key',
      responses: {
        200: z.object({
          status: z.literal('ok'),
          org_id: z.string(),
          project_id: z.string(),
          user_email: z.string(),
          permissions: z.array(z.enum(permissions)),
        }),
      },
      example: {},
    })),
    handler: (c) => {
      const { organization, project, permissions: granted } = c.get('principal');
      return c.json({
        status: 'ok',
        org_id: organization,
        project_id: project,
        user_email: 'turnstone',
        permissions: granted,
      });
    },
  });

  return routes.all;
};

/** Clients of this route stop polling only at SUCCEEDED or FAILED, and show `error` as text. */
const outcomeOf = ({ status, error }: EventView) =>
  status === 'CANCELLED'
    ? { status: 'FAILED', error: 'The event was cancelled.', error_detail: null }
    : { status, error: error?.message ?? null, error_detail: error ?? null };

/** Kinds of events that changed memories, or are to. */
const memoryEvents = ['ADD', 'UPDATE', 'DELETE', 'DELETE_ALL'] as const;

const MemoryEventsQuery = z.object({ ...eventPageQuery, limit: Count.nullish() });

/** `GET /v1/event/{id}/` and the events of memories. The list of all events, `GET /v1/events/`, is the native route. */
const eventRoutes = (platform: Platform) => {
  const routes = createRoutes('mem0: service');

  routes.get('/v1/event/:id', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getEventV1',
      summary: 'Get an event',
      description: 'A cancelled event is shown as `FAILED`, and `error` is a text.',
      params: { id: EventId },
      responses: { 200: PolledEvent },
      errors: { 400: ['invalid_id'], 404: ['event_not_found'] },
      example: { params: { id: exampleIds.event } },
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      const event = await getEvent(platform, project, uuidParam(c, 'event_id'));
      if (!event) throw eventNotFound();
      const [readable = { event }] = await readableEvents(platform, project, [event]);
      const { changes } = readable.event;
      const effective = { ...readable.event, changes: effectsOf(changes) };
      return c.json({
        ...eventBody({ ...readable, event: effective }),
        ...outcomeOf(event),
        ...omitNullish({ reason: reasonOf(readable.event) }),
      });
    },
  });

  routes.get('/v1/memories/events', {
    permission: 'read',
    work: 'list',
    query: MemoryEventsQuery,
    pages: 'number',
    openapi: describe(() => ({
      operationId: 'listMemoryEvents',
      summary: 'List events that concern memories',
      description:
        'The adds, updates and deletions among the events, newest first, in pages like those of all events. `limit` is another name of `page_size`.',
      responses: { 200: pageSchema(EventOfPage) },
      example: { query: { page: '1', limit: '20' } },
    })),
    handler: async (c, read) => {
      const { limit, ...query } = read.query();
      const paging = pagingOf(c, omitNullish({ page_size: limit }));
      return eventPage(c, platform, paging, { ...query, kinds: memoryEvents });
    },
  });

  return routes.all;
};

/** All routes of the surface for mem0 clients. */
export const mem0Routes = (
  platform: WithLimiterStore<FullPlatform>,
  defaults: SearchDefaults,
  usage: UsageMeter | undefined,
): DeclaredRoute[] => [
  ...pingRoutes(),
  ...addRoutes(platform),
  ...searchRoutes(platform, defaults),
  ...listRoutes(platform),
  // Before the routes of one memory, whose id could be `events`.
  ...eventRoutes(platform),
  ...memoryRoutes(platform),
  ...deleteRoutes(platform),
  ...batchRoutes(platform),
  ...feedbackRoutes(platform),
  // Before the entities, whose ids may contain slashes.
  ...profileRoutes(platform),
  ...entityRoutes(platform),
  ...exportRoutes(platform),
  ...createEntityRoutes(platform),
  ...statsRoutes(platform, usage),
  ...webhookRoutes(platform),
  ...projectRoutes(platform, defaults),
];
