import type { Context } from 'hono';
import * as z from 'zod';
import { recordSearch } from '../../../shared/core/change-events.ts';
import { modelRequestsOf } from '../../../shared/core/model-requests.ts';
import type { SearchDefaults } from '../../../shared/core/projects/search-defaults.ts';
import { listMemories } from '../../../shared/core/retrieval/list.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import { anyId, type Entities } from '../../../shared/domain/memory/entities.ts';
import { countPartConditions, type Filter } from '../../../shared/domain/memory/filter.ts';
import type { ScoredMemory } from '../../../shared/domain/memory/memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsByWork, unitsOfPartConditions } from '../access/cost-units.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { entityMatchFields } from '../http/entity-ids.ts';
import { InstantText } from '../http/instant.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { pacedJson } from '../http/paced-json.ts';
import { Count } from '../http/paging.ts';
import { createRoutes } from '../http/routes.ts';
import { Text } from '../http/text.ts';
import { describe } from '../openapi/describe.ts';
import { Filter as FilterShape } from './filter.openapi.ts';
import { FoundResult, LegacySearchAnswer, SearchAnswer } from './memory.openapi.ts';
import { formatFields } from './schema.ts';
import {
  Flag,
  ignoredIn,
  rejectTopLevelIds,
  scopedByFilters,
  scopedByIds,
  selectFields,
  selectionFields,
  visibilityIn,
} from './selection.ts';
import { scoredBody } from './translate.ts';

const TopK = Count.max(1_000, 'must be at most 1000').nullish();

const EventFlag = Flag.nullish().meta({ description: '`true` makes the search an event.' });

const queryFields = {
  ...selectionFields,
  query: Text,
  filters: z.unknown().optional(),
  top_k: TopK,
  limit: TopK,
  threshold: z.number().min(0).max(1).nullish(),
  include_messages: Flag.nullish(),
  only_metadata_based_search: Flag.nullish(),
  rerank: Flag.nullish(),
  keyword_search: Flag.nullish(),
  reference_date: InstantText.nullish(),
  event: EventFlag,
  diversity: z.number().min(0).max(1).nullish(),
  recency: z.number().min(0).max(1).nullish(),
};

const Query = z.looseObject(queryFields);
const ScopedQuery = z.object({ ...queryFields, ...entityMatchFields, ...formatFields });
type Query = z.output<typeof Query> | z.output<typeof ScopedQuery>;

const SearchParams = z.object({ event: EventFlag });

/** Minimum score of a result if the request has no threshold. */
const defaultThreshold = { current: 0.1, v2: 0.3 };

/** Parts of the score of a memory that was not compared with the query. */
const notCompared: ScoredMemory['parts'] = {
  semantic: 0,
  bm25: 0,
  entity: 0,
  coverage: 0,
  identifiers: 0,
  rareWords: 0,
  context: 0,
};

/** Entities that every result names. */
const entitiesIn = (filter: Filter): Entities => {
  if ('all' in filter) return Object.assign({}, ...filter.all.map(entitiesIn));
  const isOne = 'entity' in filter && 'is' in filter && filter.is !== anyId;
  return isOne ? { [filter.entity]: filter.is } : {};
};

/** Routes that search: the current one and two older ones, which respond with a plain list. */
export const searchRoutes = (platform: Platform, defaults: SearchDefaults) => {
  const { languageModel } = platform;
  const { askModel } = modelRequestsOf(platform);
  /** Whether a language model orders the results; rules cannot. */
  const reranks = ({ rerank }: Query): boolean =>
    rerank === true && languageModel.quality === 'model' && languageModel.chat !== undefined;

  /** Memories that match the filters alone, newest first. All have the same score, since none is compared with the query. */
  const filtered = async (project: string, body: Query, filter: Filter) => {
    const { memories } = await listMemories(platform, project, {
      filter,
      skip: 0,
      limit: body.top_k ?? body.limit ?? 10,
      ...visibilityIn(body),
      ...omitNullish({ now: body.reference_date }),
    });
    return memories.map((memory): ScoredMemory => ({ ...memory, score: 1, parts: notCompared }));
  };

  const find = async (project: string, body: Query, filter: Filter, threshold: number) => {
    if (body.only_metadata_based_search)
      return { memories: await filtered(project, body, filter), degraded: [] };
    return searchMemories(platform, project, {
      query: body.query,
      filter,
      topK: body.top_k ?? body.limit ?? 10,
      threshold: body.threshold ?? threshold,
      fills: body.threshold == null,
      matchesWords: body.threshold == null && body.keyword_search === true,
      includeMessages: body.include_messages ?? defaults.includeMessages(project),
      ...visibilityIn(body),
      order: omitNullish({
        diversity: body.diversity,
        recency: body.recency,
        rerank: reranks(body) ? askModel : null,
      }),
      ...omitNullish({ referenceTime: body.reference_date }),
    });
  };

  const search = async (
    c: Context<ApiEnv>,
    body: Query,
    filter: Filter,
    { threshold, isEvent }: { threshold: number; isEvent: boolean },
  ) => {
    const { project } = c.get('principal');
    const ofModel = reranks(body) ? unitsByWork.outbound : 0;
    c.get('charge')(unitsOfPartConditions(countPartConditions(filter)) + Number(isEvent) + ofModel);
    const startedAt = platform.clock.now();
    const { memories, degraded } = await find(project, body, filter, threshold);
    const ended = { startedAt, entities: entitiesIn(filter), results: memories.length };
    const event = isEvent ? await recordSearch(platform, project, ended) : undefined;
    const ignored = ignoredIn({ ...body, rerank: body.rerank && !reranks(body) });
    if (degraded.length > 0) c.header('Turnstone-Degraded', degraded.join(', '));
    if (ignored.ignored) c.header('Turnstone-Ignored', ignored.ignored.join(', '));
    const pick = selectFields(body.fields);
    const results = memories.map((memory) => pick(scoredBody(memory)));
    return {
      results,
      ...(degraded.length > 0 && { degraded }),
      ...ignored,
      ...(event === undefined ? {} : { event_id: event }),
    };
  };

  const isEvent = (body: Query, query: z.output<typeof SearchParams>): boolean =>
    body.event ?? query.event ?? false;

  const routes = createRoutes('mem0: memories');
  routes.post('/v3/memories/search', {
    permission: 'read',
    work: 'search',
    body: Query,
    query: SearchParams,
    openapi: describe(() => ({
      operationId: 'searchMemories',
      summary: 'Search memories',
      description: 'Finds rough memories, refined ones and messages; see `type` of a result.',
      fields: { filters: FilterShape },
      responses: { 200: SearchAnswer },
      example: { body: { query: 'what does she eat?', filters: { user_id: 'ana' }, top_k: 5 } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      rejectTopLevelIds(body);
      const filter = scopedByFilters(body.filters, body);
      return pacedJson(
        c,
        platform,
        await search(c, body, filter, {
          threshold: defaultThreshold.current,
          isEvent: isEvent(body, read.query()),
        }),
      );
    },
  });
  routes.post('/v2/memories/search', {
    permission: 'read',
    work: 'search',
    body: ScopedQuery,
    query: SearchParams,
    openapi: describe(() => ({
      operationId: 'searchMemoriesV2',
      summary: 'Search memories, second version',
      description: 'Answers with a list. The default threshold is 0.3.',
      fields: { filters: FilterShape },
      responses: { 200: z.array(FoundResult) },
      example: { body: { query: 'what does she eat?', user_id: 'ana' } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const filter = scopedByIds(body, body.filters, body);
      const { results } = await search(c, body, filter, {
        threshold: defaultThreshold.v2,
        isEvent: isEvent(body, read.query()),
      });
      return pacedJson(c, platform, results);
    },
  });
  routes.post('/v1/memories/search', {
    permission: 'read',
    work: 'search',
    body: ScopedQuery,
    query: SearchParams,
    openapi: describe(() => ({
      operationId: 'searchMemoriesV1',
      summary: 'Search memories, first version',
      description: 'Answers with a list, or with an object for `output_format: "v1.1"`.',
      fields: { filters: FilterShape },
      responses: { 200: LegacySearchAnswer },
      example: {
        body: { query: 'what does she eat?', user_id: 'ana', fields: ['memory', 'score'] },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const filter = scopedByIds(body, body.filters, body);
      const { results, ...rest } = await search(c, body, filter, {
        threshold: defaultThreshold.current,
        isEvent: isEvent(body, read.query()),
      });
      const isWrapped = body.output_format === 'v1.1';
      return pacedJson(c, platform, isWrapped ? { results, relations: [], ...rest } : results);
    },
  });
  return routes.all;
};
