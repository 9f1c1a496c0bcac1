import * as z from 'zod';
import type { SearchDefaults } from '../../../shared/core/projects/search-defaults.ts';
import { contextBlock } from '../../../shared/core/retrieval/context-block.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import { entityKinds } from '../../../shared/domain/memory/entities.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { EntityId, entitiesFrom, missingEntityMessage } from '../http/entity-ids.ts';
import { invalid } from '../http/http-error.ts';
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
const thresholdMessage = 'must be a number from 0 to 1';
const Query = z.object({
  query: z.string('must be given').refine((text) => text.trim() !== '', 'must not be blank'),
  budget: z.coerce
    .number(budgetMessage)
    .int(budgetMessage)
    .min(budgetBounds.min, budgetMessage)
    .max(budgetBounds.max, budgetMessage)
    .optional(),
  threshold: z
    .string()
    .refine((text) => text.trim() !== '', thresholdMessage)
    .transform(Number)
    .pipe(z.number(thresholdMessage).min(0, thresholdMessage).max(1, thresholdMessage))
    .optional(),
  user_id: EntityId.optional(),
  agent_id: EntityId.optional(),
  app_id: EntityId.optional(),
  run_id: EntityId.optional(),
});

/** Route that returns a context block for the prompt of an agent. */
export const contextRoutes = (platform: Platform, defaults: SearchDefaults) => {
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
      const { query, budget = defaultBudget, threshold, ...ids } = read.query();
      const entities = entitiesFrom(ids);
      const named = entityKinds.flatMap((kind) => {
        const id = entities[kind];
        return id === undefined ? [] : [{ entity: kind, is: id }];
      });
      if (named.length === 0) throw invalid('user_id', missingEntityMessage);
      const { memories, degraded } = await searchMemories(platform, project, {
        query,
        filter: { all: named },
        topK: maxMemories,
        threshold: threshold ?? defaultThreshold,
        fills: threshold === undefined,
        includeMessages: defaults.includeMessages(project),
      });
      if (degraded.length > 0) c.header('Turnstone-Degraded', degraded.join(', '));
      const block = contextBlock(memories, budget);
      return c.json({
        context: block.text,
        tokens: block.tokens,
        budget,
        truncated: block.isTruncated,
        memories: block.memories.map(({ id, score, rough, message }) => ({
          id,
          score,
          type: message ? 'message' : rough ? 'rough' : 'refined',
        })),
        ...omitNullish({ degraded: degraded.length > 0 ? degraded : undefined }),
      });
    },
  });

  return routes.all;
};
