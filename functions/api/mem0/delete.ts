import type { Context } from 'hono';
import * as z from 'zod';
import { countVersions, deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import {
  anyId,
  type Entities,
  entitiesOf,
  entityKinds,
} from '../../../shared/domain/memory/entities.ts';
import { countValues } from '../../../shared/domain/memory/json-equality.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { MemoryId } from '../http/answers.openapi.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { entitiesFrom, entityMatchFields } from '../http/entity-ids.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { limits } from '../http/limits.ts';
import { MetadataText } from '../http/metadata.ts';
import { parse } from '../http/parse.ts';
import { memoryIdParam } from '../http/path-params.ts';
import { quotaExceeded } from '../http/quota.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { notDeleted } from './errors.ts';
import { snakeKey } from './filters/filter-syntax.ts';
import { DeletedMemory, DeleteStarted } from './memory.openapi.ts';

/** Metadata as JSON. Bounded, since every later read compares it with each memory of the entity. */
const WantedMetadata = MetadataText.refine(
  (metadata) => Object.keys(metadata).length > 0,
  'must not be empty',
)
  .refine(
    (metadata) => Buffer.byteLength(JSON.stringify(metadata)) <= limits.deleteMetadataBytes,
    `must not be larger than ${limits.deleteMetadataBytes} bytes`,
  )
  .refine(
    (metadata) => countValues(metadata) <= limits.deleteMetadataValues,
    `must not have more than ${limits.deleteMetadataValues} values`,
  );

const Match = z.object({ ...entityMatchFields, metadata: WantedMetadata.optional() });
type Match = z.output<typeof Match>;
const DeleteOne = z.object({ delete_linked: z.string().optional() });

/** Parameters that do not change which memories are deleted. */
const ignoredParams = new Set(['org_id', 'project_id', 'source', 'async_mode', 'version']);

const isMatchParam = (key: string): boolean => Object.hasOwn(Match.shape, key);

/**
 * Returns what a memory has to name and to have to be deleted. Rejects unknown parameters: if the caller meant to narrow the deletion
 * with one, ignoring it would delete too much.
 */
const matchOf = (c: Context<ApiEnv>): Match => {
  const named = new Map<string, string>();
  for (const [name, value] of new URL(c.req.url).searchParams) {
    const key = snakeKey(name);
    if (ignoredParams.has(key)) continue;
    if (!isMatchParam(key))
      throw invalid(
        name,
        `${name} cannot narrow a delete-all: only user_id, agent_id, app_id, run_id and metadata can.`,
      );
    if (named.has(key)) throw invalid(key, `${key} must be given only once.`);
    named.set(key, value);
  }
  return parse(Match, Object.fromEntries(named));
};

const isEverything = (match: Entities): boolean =>
  entityKinds.every((kind) => match[kind] === anyId);

/** Routes that delete one memory, or all memories that name every given entity and have the given metadata. */
export const deleteRoutes = (platform: Platform) => {
  const routes = createRoutes('mem0: memories');

  routes.delete('/v1/memories', {
    permission: 'write',
    work: 'job',
    query: Match,
    openapi: describe(() => ({
      operationId: 'deleteMemories',
      summary: 'Delete all memories of entities',
      description:
        'At least one id is required; `*` is any id. Any other parameter that could narrow the deletion is refused.',
      responses: { 200: DeleteStarted },
      errors: {
        400: ['invalid_request', 'unscoped_delete'],
        429: ['too_many_jobs', 'too_many_cutoffs'],
      },
      example: { query: { user_id: 'ben' } },
    })),
    handler: async (c) => {
      const { metadata, ...ids } = matchOf(c);
      const match = entitiesFrom(ids);
      if (entitiesOf(match).length === 0)
        throw new HttpError(
          400,
          'unscoped_delete',
          'At least one of user_id, agent_id, app_id, run_id is required to delete all memories.',
        );
      const { deleteAll } = await import('../../../shared/core/erasure/delete-all.ts');
      const started = await deleteAll(
        platform,
        c.get('principal').project,
        isEverything(match) ? 'everything' : match,
        metadata,
      );
      if (started.outcome === 'full') throw quotaExceeded(started);
      return c.json({
        message: 'Delete in progress. This may take some time.',
        event_id: started.event,
      });
    },
  });

  routes.delete('/v1/memories/:id', {
    permission: 'write',
    query: DeleteOne,
    openapi: describe(() => ({
      operationId: 'deleteMemory',
      summary: 'Delete a memory',
      params: { id: MemoryId },
      responses: { 200: DeletedMemory },
      errors: { 400: ['invalid_id'], 404: ['memory_not_found'], 409: ['memory_is_version'] },
      example: { params: { id: exampleIds.otherMemory } },
    })),
    handler: async (c) => {
      const id = memoryIdParam(c);
      const { project } = c.get('principal');
      const isLinked = c.req.query('delete_linked') === 'true';
      const versions = isLinked ? await countVersions(platform, project, id) : 0;
      const outcome = await deleteMemory(platform, project, id);
      if (outcome !== 'deleted') throw notDeleted(outcome);
      const message = 'Memory deleted successfully!';
      // Earlier versions always go with their memory; the option asks for their number.
      return c.json(isLinked ? { message, cascade_count: versions } : { message });
    },
  });

  return routes.all;
};
