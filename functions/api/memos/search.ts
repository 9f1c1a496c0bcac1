import type { Context } from 'hono';
import * as z from 'zod';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import { countPartConditions, type Filter } from '../../../shared/domain/memory/filter.ts';
import type { ScoredMemory } from '../../../shared/domain/memory/memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsOfPartConditions } from '../access/cost-units.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { successPaced } from './answer.ts';
import { MemosError, SearchAnswer } from './answers.openapi.ts';
import { copyField, ownerFields, ownerOf } from './fields.ts';
import { filterOf } from './filters.ts';
import { byList, listsOf, storeOf } from './items.ts';
import { defaultRelativity, scoreOf } from './relativity.ts';
import { searchFields } from './search-fields.ts';
import { limitsOf } from './views.ts';

/** Candidates of one search, of all kinds together. */
const candidates = 150;
/**
 * Advance in the order of results of a memory of the given conversation, and of one of the owner before those of public memory and
 * knowledge bases. The relativity of the memory stays as it is.
 */
const lift = { conversation: 0.1, own: 0.05 };

const Search = z.object({ ...ownerFields, ...searchFields });
type Search = z.output<typeof Search>;

/** Orders results by score, where memories of the owner, and of the conversation, come before ones that are about as good. */
const lifted = (memories: readonly ScoredMemory[], conversation: string | null | undefined) => {
  const isOwn = (memory: ScoredMemory): boolean => ['user', 'agent'].includes(storeOf(memory));
  const rankOf = (memory: ScoredMemory): number =>
    memory.score +
    (isOwn(memory) ? lift.own : 0) +
    (conversation != null && memory.entities.run === conversation ? lift.conversation : 0);
  return memories.toSorted((a, b) => rankOf(b) - rankOf(a));
};

/** Leaves out what is equal to an earlier copy of the same turn: each knowledge base that has the turn has a copy. */
const withoutEqualCopies = (memories: readonly ScoredMemory[]): ScoredMemory[] => {
  const seen = new Set<string>();
  return memories.filter(({ metadata, text }) => {
    const turn = metadata[copyField];
    if (typeof turn !== 'string') return true;
    const copy = `${turn} ${text}`;
    return !seen.has(copy) && seen.add(copy);
  });
};

/** Results of both searches. A copy of what the owner remembers is left out. */
const merged = (
  own: readonly ScoredMemory[],
  others: readonly ScoredMemory[],
): readonly ScoredMemory[] => {
  if (others.length === 0) return own;
  const known = new Set<unknown>(own.flatMap(({ lineage }) => lineage));
  const further = withoutEqualCopies(others).filter(
    ({ metadata }) => !known.has(metadata[copyField]),
  );
  return [...own, ...further];
};

/** The result with the text that it rests on, or with that text alone; the memory alone has no sources. */
const formatted = (memory: ScoredMemory, format: Search['context_format']): ScoredMemory => {
  const { source, ...rest } = memory;
  if (!source || format === 'mixed') return memory;
  return format === 'sources' ? { ...rest, source, text: source.text } : rest;
};

const filterWith = (body: Search): { filter: Filter; conditions: number } => {
  const owner = ownerOf(body);
  const source = owner.user === undefined ? 'agent' : 'user';
  const extra = filterOf(body.filter, source);
  const filter: Filter = {
    all: [{ entity: source, is: owner.user ?? owner.agent ?? '' }, extra],
  };
  return { filter, conditions: countPartConditions(extra) };
};

/** Searches, and returns the best memories of each list that is wanted. Charges for costly filters. */
export const findMemories = async (platform: Platform, c: Context<ApiEnv>, body: Search) => {
  const { filter, conditions } = filterWith(body);
  c.get('charge')(unitsOfPartConditions(conditions));
  const search = {
    query: body.query,
    topK: candidates,
    threshold: scoreOf(body.relativity ?? defaultRelativity),
  };
  const { searchOtherStores } = await import('./late.ts');
  const [own, others] = await Promise.all([
    searchMemories(platform, c.get('principal').project, {
      ...search,
      filter,
      fills: body.relativity == null,
      includeMessages: 'unlearnt',
    }),
    searchOtherStores(platform, c, {
      ...search,
      filter: body.filter,
      knowledgebases: body.knowledgebase_ids ?? [],
    }),
  ]);
  const degraded = [...new Set([...own.degraded, ...others.degraded])];
  if (degraded.length > 0) c.header('Turnstone-Degraded', degraded.join(', '));
  const limits = limitsOf(body, { memory: 9, preference: 9, tool: 6 });
  const shown = lifted(merged(own.memories, others.memories), body.conversation_id).map((memory) =>
    formatted(memory, body.context_format),
  );
  const { memory, preference, tool } = byList(shown);
  return {
    memory: memory.slice(0, limits.memory),
    preference: preference.slice(0, limits.preference),
    tool: tool.slice(0, limits.tool),
  };
};

/** `search/memory`: one search, whose results are sorted into lists by their kind. */
export const searchRoutes = (platform: Platform) => {
  const routes = createRoutes('MemOS: memories');
  routes.post('/api/openmem/v1/search/memory', {
    permission: 'read',
    work: 'search',
    body: Search,
    openapi: describe(() => ({
      operationId: 'memosSearchMemory',
      summary: 'Search memories by kind',
      description:
        '`relativity` is 0.45 by default; without it, what was said just now is found as well. `conversation_id` lifts memories of that conversation.',
      responses: { 200: SearchAnswer },
      errorBody: MemosError,
      example: { body: { user_id: 'ana', query: 'what does she eat?', conversation_id: '0610' } },
    })),
    handler: async (c, read) => {
      const found = await findMemories(platform, c, await read.body());
      return successPaced(c, platform, listsOf(found));
    },
  });
  return routes.all;
};
