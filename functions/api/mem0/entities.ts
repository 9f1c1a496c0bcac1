import type { Context } from 'hono';
import * as z from 'zod';
import { listMemories } from '../../../shared/core/retrieval/list.ts';
import {
  type EntityView,
  getEntity,
  listEntities,
  listEntityIds,
} from '../../../shared/core/retrieval/list-entities.ts';
import { anyId, entityKinds } from '../../../shared/domain/memory/entities.ts';
import { eventKinds } from '../../../shared/domain/memory/event.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { invalid } from '../http/http-error.ts';
import { isoTime } from '../http/instant.ts';
import { limits } from '../http/limits.ts';
import { pageOf, pagingOf } from '../http/paging.ts';
import { quotaExceeded } from '../http/quota.ts';
import { rawPath } from '../http/request-target.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import {
  EntityFilters,
  EntityPage,
  Entity as EntitySchema,
  entityParams,
} from './entity.openapi.ts';
import { entityNotFound, entityParam } from './entity-param.ts';
import { filterFields } from './filters/filters.ts';
import { DeleteStarted } from './memory.openapi.ts';

export const entityBody = ({ kind, id, memories, metadata, createdAt, updatedAt }: EntityView) => ({
  id,
  name: id,
  type: kind,
  owner: 'turnstone',
  metadata,
  total_memories: memories,
  created_at: isoTime(createdAt),
  updated_at: isoTime(updatedAt),
});

const profileSuffix = '/profile';

/** Routes of entities: the users, agents, apps and runs that memories name. */
export const entityRoutes = (platform: Platform) => {
  const remove = async (c: Context<ApiEnv>) => {
    const { kind, id } = entityParam(c);
    // An encoded slash is part of the id. A plain one may be, but lookups read this end as the profile.
    if (id.endsWith(profileSuffix) && rawPath(c.req).endsWith(profileSuffix))
      throw invalid(
        'entity_id',
        'entity_id must not end with "/profile": a profile is not deleted alone, but with the memories that it was made from.',
      );
    const { deleteAll } = await import('../../../shared/core/erasure/delete-all.ts');
    const started = await deleteAll(platform, c.get('principal').project, { [kind]: id });
    if (started.outcome === 'full') throw quotaExceeded(started);
    return c.json({
      message: 'Delete in progress. This may take some time.',
      event_id: started.event,
    });
  };

  /** Categories of all memories, in the order of the alphabet. */
  const categoriesOf = async (project: string): Promise<string[]> => {
    const { memories } = await listMemories(platform, project, {
      filter: { any: entityKinds.map((entity) => ({ entity, is: anyId })) },
      skip: 0,
      limit: Number.POSITIVE_INFINITY,
    });
    return [...new Set(memories.flatMap(({ categories }) => categories))].sort();
  };

  const routes = createRoutes('mem0: entities');

  routes.get('/v1/entities', {
    permission: 'read',
    work: 'list',
    pages: 'number',
    openapi: describe(() => ({
      operationId: 'listEntities',
      summary: 'List users, agents, apps and runs',
      description:
        'Newest first. An entity is listed from the first add that names it until it is deleted.',
      responses: { 200: EntityPage },
      example: { query: { page: '1', page_size: '20' } },
    })),
    handler: async (c) => {
      const paging = pagingOf(c);
      const { project } = c.get('principal');
      const { total, totals, entities } = await listEntities(platform, project, {
        skip: paging.skip,
        limit: paging.size,
      });
      return c.json({
        ...pageOf(c, paging, total, entities.map(entityBody)),
        total_users: totals.user,
        total_agents: totals.agent,
        total_apps: totals.app,
        total_runs: totals.run,
      });
    },
  });

  routes.get('/v1/entities/filters', {
    permission: 'read',
    work: 'list',
    openapi: describe(() => ({
      operationId: 'getEntityFilters',
      summary: 'Get values to filter by',
      responses: { 200: EntityFilters },
      example: {},
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      return c.json({
        event_type: eventKinds,
        categories: await categoriesOf(project),
        users: await listEntityIds(platform, project, 'user', limits.pageSize),
        parameters: filterFields,
      });
    },
  });

  routes.get('/v2/entities/:type/:id{.+}', {
    permission: 'read',
    work: 'list',
    openapi: describe(() => ({
      operationId: 'getEntity',
      summary: 'Get an entity',
      description: 'Answers with a list of one.',
      params: entityParams,
      responses: { 200: z.array(EntitySchema) },
      errors: { 400: ['invalid_request'], 404: ['entity_not_found'] },
      example: { params: { type: 'user', id: exampleIds.user } },
    })),
    handler: async (c) => {
      // A gateway may have decoded the slashes of an id, so that the pattern of the profile does not match.
      const id = c.req.param('id');
      if (id.endsWith(profileSuffix)) {
        const { showProfile } = await import('./profile-handlers.ts');
        return showProfile(platform, c, entityParam(c, id.slice(0, -profileSuffix.length)));
      }
      const entity = await getEntity(platform, c.get('principal').project, entityParam(c));
      if (!entity) throw entityNotFound();
      return c.json([entityBody(entity)]);
    },
  });

  routes.delete('/v2/entities/:type/:id{.+}', {
    permission: 'write',
    work: 'job',
    openapi: describe(() => ({
      operationId: 'deleteEntity',
      summary: 'Delete an entity and all memories that name it',
      description: 'No read shows them once this has answered. The event reports the erasure.',
      params: entityParams,
      responses: { 200: DeleteStarted },
      errors: { 400: ['invalid_request'], 429: ['too_many_jobs', 'too_many_cutoffs'] },
      example: { params: { type: 'user', id: exampleIds.otherUser } },
    })),
    handler: remove,
  });

  routes.delete('/v1/entities/:type/:id{.+}', {
    permission: 'write',
    work: 'job',
    openapi: describe(() => ({
      operationId: 'deleteEntityV1',
      summary: 'Delete an entity, older form',
      params: entityParams,
      responses: { 200: DeleteStarted },
      errors: { 400: ['invalid_request'], 429: ['too_many_jobs', 'too_many_cutoffs'] },
      example: { params: { type: 'user', id: exampleIds.otherUser } },
    })),
    handler: remove,
  });

  return routes.all;
};
