import type { Context } from 'hono';
import * as z from 'zod';
import { listMemories } from '../../../shared/core/retrieval/list.ts';
import { getEntity } from '../../../shared/core/retrieval/list-entities.ts';
import { entityKinds } from '../../../shared/domain/memory/entities.ts';
import { countPartConditions, type Filter } from '../../../shared/domain/memory/filter.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsOfPartConditions } from '../access/cost-units.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { entityMatchFields } from '../http/entity-ids.ts';
import { MetadataText } from '../http/metadata.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { pacedJson } from '../http/paced-json.ts';
import { Count, exactPagingOf, type Paging, pageOf, pagingOf } from '../http/paging.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { entityParams, nounOf, titleOf } from './entity.openapi.ts';
import { entityNotFound, entityOf } from './entity-param.ts';
import { Filter as FilterShape } from './filter.openapi.ts';
import { ListedMemory, MemoryPage } from './memory.openapi.ts';
import {
  ignoredIn,
  rejectTopLevelIds,
  scopedByFilters,
  scopedByIds,
  selectFields,
  selectionFields,
  visibilityIn,
} from './selection.ts';
import { memoryBody } from './translate.ts';

const ListBody = z.looseObject({ ...selectionFields, filters: z.unknown().optional() });
const ScopedListBody = z.looseObject({
  ...selectionFields,
  ...entityMatchFields,
  filters: z.unknown().optional(),
});
const ListQuery = z.object({
  ...selectionFields,
  ...entityMatchFields,
  limit: Count.max(200, 'must be <= 200').nullish(),
  page: z.string().nullish(),
  page_size: z.string().nullish(),
  metadata: MetadataText.nullish(),
});

/** Parameters that may be repeated or have several values separated by commas. */
const listsOf = (c: Context<ApiEnv>) =>
  omitNullish({
    fields: c.req.queries('fields')?.join(),
    categories: c.req.queries('categories')?.join(),
  });

type Selection = Parameters<typeof visibilityIn>[0] & Parameters<typeof ignoredIn>[0];

/** Routes that list memories, newest first: the current one in pages, older ones as a plain list. */
export const listRoutes = (platform: Platform) => {
  const list = async (c: Context<ApiEnv>, filter: Filter, paging: Paging, body: Selection) => {
    c.get('charge')(unitsOfPartConditions(countPartConditions(filter)));
    const { total, memories } = await listMemories(platform, c.get('principal').project, {
      filter,
      skip: paging.skip,
      limit: paging.size,
      ...visibilityIn(body),
    });
    const pick = selectFields(body.fields);
    const results = memories.map((memory) => pick(memoryBody(memory)));
    return { ...pageOf(c, paging, total, results), ...ignoredIn(body) };
  };

  const routes = createRoutes('mem0: memories');
  routes.post('/v3/memories', {
    permission: 'read',
    work: 'list',
    body: ListBody,
    pages: 'number',
    openapi: describe(() => ({
      operationId: 'listMemories',
      summary: 'List memories',
      description:
        'Newest first. `page` and `page_size` may be in the body as well; the query string wins.',
      fields: { filters: FilterShape },
      responses: { 200: MemoryPage },
      example: { query: { page: '1', page_size: '20' }, body: { filters: { user_id: 'ana' } } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      rejectTopLevelIds(body);
      return pacedJson(
        c,
        platform,
        await list(c, scopedByFilters(body.filters, body), pagingOf(c, body), body),
      );
    },
  });
  routes.post('/v2/memories', {
    permission: 'read',
    work: 'list',
    body: ScopedListBody,
    pages: 'number',
    openapi: describe(() => ({
      operationId: 'listMemoriesV2',
      summary: 'List memories, second version',
      description: 'Answers with a list.',
      fields: { filters: FilterShape },
      responses: { 200: z.array(ListedMemory) },
      example: { body: { user_id: 'ana', fields: ['memory'] } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const filter = scopedByIds(body, body.filters, body);
      const paging = exactPagingOf(c, body);
      return pacedJson(c, platform, (await list(c, filter, paging, body)).results);
    },
  });
  routes.get('/v1/memories', {
    permission: 'read',
    work: 'list',
    query: ListQuery,
    openapi: describe(() => ({
      operationId: 'listMemoriesV1',
      summary: 'List memories, first version',
      description: 'Answers with a list, or with a page if both `page` and `page_size` are given.',
      responses: { 200: z.union([z.array(ListedMemory), MemoryPage]) },
      errors: { 404: ['invalid_page'] },
      example: { query: { user_id: 'ana', page: '1', page_size: '20' } },
    })),
    handler: async (c, read) => {
      const query = read.query(listsOf(c));
      const filter = scopedByIds(query, undefined, query);
      const size = omitNullish({ page_size: query.page_size ?? query.limit });
      const isPaged = query.page != null && query.page_size != null;
      const paging = (isPaged ? pagingOf : exactPagingOf)(c, size);
      const page = await list(c, filter, paging, query);
      return pacedJson(c, platform, isPaged ? page : page.results);
    },
  });
  // The pattern covers several segments because ids may contain slashes.
  for (const kind of entityKinds)
    routes.get(`/v1/memories/${kind}/:id{.+}`, {
      permission: 'read',
      work: 'list',
      pages: 'number',
      openapi: describe(() => ({
        operationId: `list${titleOf(kind)}Memories`,
        summary: `List the memories of ${nounOf(kind)}`,
        description: 'Answers with a list.',
        params: { id: entityParams.id },
        responses: { 200: z.array(ListedMemory) },
        errors: { 404: ['entity_not_found'] },
        example: { params: { id: exampleIds.user } },
      })),
      handler: async (c) => {
        const entity = entityOf(kind, c.req.param('id'));
        const filter = scopedByIds({ [`${kind}_id`]: entity.id }, undefined, {});
        const { results } = await list(c, filter, exactPagingOf(c), {});
        const { project } = c.get('principal');
        const isThere = results.length > 0 || (await getEntity(platform, project, entity));
        if (!isThere) throw entityNotFound();
        return pacedJson(c, platform, results);
      },
    });
  return routes.all;
};
