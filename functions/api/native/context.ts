import * as z from 'zod';
import type { SearchDefaults } from '../../../shared/core/projects/search-defaults.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import { countPartConditions, type Filter } from '../../../shared/domain/memory/filter.ts';
import { type ScoredMemory, statedAt } from '../../../shared/domain/memory/memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsOfPartConditions } from '../access/cost-units.ts';
import { entityIdFields } from '../http/entity-ids.ts';
import { isoTime } from '../http/instant.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { ContextAnswer } from './context.openapi.ts';

const defaultBudget = 1_500;
const budgetBounds = { min: 50, max: 32_000 };
/** Most memories of a context block. */
const maxMemories = 200;
const defaultThreshold = 0.1;

const budgetMessage = `must be a number of tokens from ${budgetBounds.min} to ${budgetBounds.max}`;
const shareMessage = 'must be a number from 0 to 1';
const Share = z
  .string()
  .refine((text) => text.trim() !== '', shareMessage)
  .transform(Number)
  .pipe(z.number(shareMessage).min(0, shareMessage).max(1, shareMessage));

const filtersMessage = 'must be a JSON object';

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
const Query = z.object({
  query: z.string('must be given').refine((text) => text.trim() !== '', 'must not be blank'),
  budget: z.coerce
    .number(budgetMessage)
    .int(budgetMessage)
    .min(budgetBounds.min, budgetMessage)
    .max(budgetBounds.max, budgetMessage)
    .optional(),
  threshold: Share.optional(),
  diversity: Share.optional(),
  recency: Share.optional(),
  filters: z
    .string(filtersMessage)
    .transform(parseJson)
    .refine((value) => typeof value === 'object' && value !== null, filtersMessage)
    .optional(),
  ...entityIdFields,
});
type Ids = { [field in keyof typeof entityIdFields]?: string | null | undefined };

/**
 * Builds the filter of a request by its ids and by what its `filters` say; both must match.
 * @throws HttpError 400 unless they name an entity
 */
export type ScopeFilter = (ids: Ids, filters: unknown) => Filter;

const memoryBody = (memory: ScoredMemory) => ({
  id: memory.id,
  score: memory.score,
  type: memory.message ? 'message' : memory.rough ? 'rough' : 'refined',
  date: isoTime(statedAt(memory)),
  ...omitNullish({ source_id: memory.source?.id }),
});

/** Route that returns a context block for the prompt of an agent. */
export const contextRoutes = (
  platform: Platform,
  defaults: SearchDefaults,
  scopeFilter: ScopeFilter,
) => {
  const routes = createRoutes('Memories');

  routes.get('/v1/context', {
    permission: 'read',
    work: 'search',
    query: Query,
    openapi: describe(() => ({
      operationId: 'getContext',
      summary: 'Get what is known, as a text for a prompt',
      description:
        'Searches, and returns the best memories within the budget, by day, each with its speaker and, as far as they fit, the words that it was drawn from. A token is counted as 4 bytes of UTF-8.',
      responses: { 200: ContextAnswer },
      example: { query: { query: 'what does she eat?', user_id: 'ana', budget: '500' } },
    })),
    handler: async (c, read) => {
      const { project } = c.get('principal');
      const { query, budget = defaultBudget, threshold, filters, ...rest } = read.query();
      const { diversity, recency, ...ids } = rest;
      const filter = scopeFilter(ids, filters);
      c.get('charge')(unitsOfPartConditions(countPartConditions(filter)));
      const { memories, degraded } = await searchMemories(platform, project, {
        query,
        filter,
        topK: maxMemories,
        threshold: threshold ?? defaultThreshold,
        fills: threshold === undefined,
        includeMessages: defaults.includeMessages(project),
        order: omitNullish({ diversity, recency }),
      });
      if (degraded.length > 0) c.header('Turnstone-Degraded', degraded.join(', '));
      const { contextBlock } = await import('../../../shared/core/retrieval/context-block.ts');
      const block = contextBlock(memories, budget);
      return c.json({
        context: block.text,
        tokens: block.tokens,
        budget,
        truncated: block.isTruncated,
        memories: block.memories.map(memoryBody),
        ...omitNullish({ degraded: degraded.length > 0 ? degraded : undefined }),
      });
    },
  });

  return routes.all;
};
