import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { listMemories } from '../../../shared/core/retrieval/list.ts';
import type { Filter } from '../../../shared/domain/memory/filter.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { entityMatchFields } from '../http/entity-ids.ts';
import { readBody } from '../http/json-body.ts';
import { MetadataText } from '../http/metadata.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { pacedJson } from '../http/paced-json.ts';
import { Count, exactPagingOf, type Paging, pageOf, pagingOf } from '../http/paging.ts';
import { parse } from '../http/parse.ts';
import {
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

type Selection = Parameters<typeof visibilityIn>[0];

/** Routes that list memories, newest first: the current one in pages, older ones as a plain list. */
export const listRoutes = (platform: Platform, guard: Guard) => {
  const list = async (c: Context<ApiEnv>, filter: Filter, paging: Paging, body: Selection) => {
    const { total, memories } = await listMemories(platform, c.get('principal').project, {
      filter,
      skip: paging.skip,
      limit: paging.size,
      ...visibilityIn(body),
    });
    const pick = selectFields(body.fields);
    const results = memories.map((memory) => pick(memoryBody(memory)));
    return pageOf(c, paging, total, results);
  };

  const routes = new Hono<ApiEnv>();
  routes.post('/v3/memories', guard('read', 'list'), async (c) => {
    const body = await readBody(c, ListBody);
    rejectTopLevelIds(body);
    return pacedJson(
      c,
      platform,
      await list(c, scopedByFilters(body.filters, body), pagingOf(c, body), body),
    );
  });
  routes.post('/v2/memories', guard('read', 'list'), async (c) => {
    const body = await readBody(c, ScopedListBody);
    const filter = scopedByIds(body, body.filters, body);
    const paging = exactPagingOf(c, body);
    return pacedJson(c, platform, (await list(c, filter, paging, body)).results);
  });
  routes.get('/v1/memories', guard('read', 'list'), async (c) => {
    const query = parse(ListQuery, { ...c.req.query(), ...listsOf(c) });
    const filter = scopedByIds(query, undefined, query);
    const size = omitNullish({ page_size: query.page_size ?? query.limit });
    const isPaged = query.page != null && query.page_size != null;
    const paging = (isPaged ? pagingOf : exactPagingOf)(c, size);
    const page = await list(c, filter, paging, query);
    return pacedJson(c, platform, isPaged ? page : page.results);
  });
  return routes;
};
