import type { Context } from 'hono';
import * as z from 'zod';
import { deleteMemories } from '../../../shared/core/erasure/delete-memory.ts';
import { listMemories } from '../../../shared/core/retrieval/list.ts';
import { isUuid } from '../../../shared/domain/ids.ts';
import { isDerivedId } from '../../../shared/domain/memory/derived-ids.ts';
import type { Entities } from '../../../shared/domain/memory/entities.ts';
import { countPartConditions, partitionsOf } from '../../../shared/domain/memory/filter.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsOfPartConditions, unitsPerItem } from '../access/cost-units.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { limits } from '../http/limits.ts';
import { nonEmptyListOf } from '../http/list-of.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { quotaExceeded } from '../http/quota.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { success } from './answer.ts';
import { Deleted, MemosError } from './answers.openapi.ts';
import { memoriesNotFound } from './errors.ts';
import { memosLimits, ownerFields, ownersFields } from './fields.ts';
import { filterOf } from './filters.ts';

const Delete = z.object({
  ...ownerFields,
  user_ids: ownersFields.user_ids,
  memory_ids: nonEmptyListOf(z.string().max(memosLimits.idLength), limits.batchMemories).nullish(),
  filter: z.unknown().optional(),
});
type Delete = z.output<typeof Delete>;

/** Returns what a request deletes. Older clients send `user_ids` beside `memory_ids`; the ids of memories count then. */
const targetOf = (
  body: Delete,
): { ids: readonly string[] } | { owner: Entities } | { filter: unknown } => {
  const { memory_ids: ids, user_ids = [], agent_id: agent, filter } = body;
  const [only, ...others] = ids == null ? (user_ids ?? []) : [];
  if (others.length > 0) throw invalid('user_ids', 'user_ids must have one id.');
  const user = body.user_id ?? only;
  const given = [ids, user, agent, filter].filter((one) => one != null);
  if (given.length !== 1)
    throw invalid(
      'memory_ids',
      'memory_ids, user_id, agent_id or filter is required, and only one of them.',
    );
  if (ids != null) return { ids };
  return filter == null ? { owner: omitNullish({ user, agent }) } : { filter };
};

/** `delete/memory`: by ids, everything of an owner, or what a filter matches. */
export const deleteRoutes = (platform: Platform) => {
  const deleteIds = async (project: string, ids: readonly string[]): Promise<number> => {
    const wanted = ids.map((id) => id.toLowerCase()).filter((id) => isUuid(id) || isDerivedId(id));
    const outcomes = await deleteMemories(platform, project, wanted);
    if (outcomes.includes('is_version'))
      throw new HttpError(
        409,
        'memory_is_version',
        'This is an earlier version of a memory: delete the memory itself.',
        { field: 'memory_ids' },
      );
    return outcomes.filter((outcome) => outcome === 'deleted').length;
  };

  /** Deletes as many memories that match a filter as one batch may have. */
  const deleteMatches = async (c: Context<ApiEnv>, given: unknown) => {
    const { project } = c.get('principal');
    const filter = filterOf(given, 'user');
    const owners = partitionsOf(filter);
    if (!owners)
      throw invalid(
        'filter',
        'filter must name a user_id, an agent_id, an app_id or a conversation_id.',
      );
    if (owners.length > limits.filterOwners)
      throw invalid('filter', `filter must not name more than ${limits.filterOwners} owners.`);
    c.get('charge')(unitsOfPartConditions(countPartConditions(filter)));
    const listed = await listMemories(platform, project, {
      filter,
      skip: 0,
      limit: limits.batchMemories,
    });
    c.get('charge')(listed.memories.length * unitsPerItem);
    const deleted = await deleteIds(
      project,
      listed.memories.map(({ id }) => id),
    );
    return { success: true, deleted, remaining: listed.total - deleted };
  };

  const routes = createRoutes('MemOS: memories');
  routes.post('/api/openmem/v1/delete/memory', {
    permission: 'write',
    work: 'batch',
    body: Delete,
    openapi: describe(() => ({
      operationId: 'memosDeleteMemory',
      summary: 'Delete memories in the form of MemOS',
      description:
        'By ids, all of a user or an agent, or up to 1,000 that a filter matches, which must name an owner. `remaining` counts those that are left.',
      responses: { 200: Deleted },
      errors: {
        404: ['memory_not_found'],
        409: ['memory_is_version'],
        429: ['too_many_jobs', 'too_many_cutoffs'],
      },
      errorBody: MemosError,
      example: { body: { memory_ids: [exampleIds.otherMemory] } },
    })),
    handler: async (c, read) => {
      const target = targetOf(await read.body());
      const { project } = c.get('principal');
      if ('ids' in target) {
        c.get('charge')(target.ids.length * unitsPerItem);
        if ((await deleteIds(project, target.ids)) === 0) throw memoriesNotFound();
        return success(c, { success: true });
      }
      if ('owner' in target) {
        const { deleteAll } = await import('../../../shared/core/erasure/delete-all.ts');
        const started = await deleteAll(platform, project, target.owner);
        if (started.outcome === 'full') throw quotaExceeded(started);
        return success(c, { success: true, task_id: started.event });
      }
      return success(c, await deleteMatches(c, target.filter));
    },
  });
  return routes.all;
};
