import { Hono } from 'hono';
import * as z from 'zod';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { isUuid } from '../../../shared/domain/ids.ts';
import { isDerivedId } from '../../../shared/domain/memory/derived-ids.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsPerItem } from '../access/cost-units.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { readBody } from '../http/json-body.ts';
import { limits } from '../http/limits.ts';
import { nonEmptyListOf } from '../http/list-of.ts';
import { Metadata } from '../http/metadata.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { isRecord } from './filters/filter-syntax.ts';
import { Text } from './schema.ts';

/** Memory id. Some clients send `{memory_id: {memory_id: id}}`. */
const MemoryId = z.preprocess(
  (id) => (isRecord(id) ? id['memory_id'] : id),
  z
    .string()
    .transform((id) => id.toLowerCase())
    .refine((id) => isUuid(id) || isDerivedId(id), 'should be a valid UUID'),
);

const batchOf = <S extends z.ZodType>(entry: S, done: string) =>
  z.object({
    memories: nonEmptyListOf(
      entry,
      limits.batchMemories,
      `Maximum of ${limits.batchMemories} memories can be ${done} in a single request`,
    ),
  });

const UpdateBatch = batchOf(
  z
    .object({ memory_id: MemoryId, text: Text.nullish(), metadata: Metadata.nullish() })
    .refine(({ text, metadata }) => (text ?? metadata) != null, 'needs a text or metadata'),
  'updated',
);
const DeleteBatch = batchOf(z.object({ memory_id: MemoryId }), 'deleted');

interface Result {
  memory_id: string;
  outcome: string;
}

const answerOf = (done: string, results: readonly Result[]) => {
  const count = results.filter(({ outcome }) => outcome === done).length;
  return { message: `Successfully ${done} ${count} memories`, results };
};

/** Routes for several memories by id. Each memory is a write of its own; the response has an outcome for each. */
export const batchRoutes = (platform: Platform, guard: Guard) => {
  const routes = new Hono<ApiEnv>();

  routes.put('/v1/batch', guard('write', 'batch'), async (c) => {
    const { memories } = await readBody(c, UpdateBatch);
    c.get('charge')(memories.length * unitsPerItem);
    const { project } = c.get('principal');
    const results: Result[] = [];
    for (const { memory_id: id, text, metadata } of memories) {
      const { outcome } = await updateMemory(
        platform,
        project,
        id,
        omitNullish({ text, metadata }),
      );
      results.push({ memory_id: id, outcome });
    }
    return c.json(answerOf('updated', results));
  });

  routes.delete('/v1/batch', guard('write', 'batch'), async (c) => {
    const { memories } = await readBody(c, DeleteBatch);
    c.get('charge')(memories.length * unitsPerItem);
    const { project } = c.get('principal');
    const results: Result[] = [];
    for (const { memory_id: id } of memories)
      results.push({ memory_id: id, outcome: await deleteMemory(platform, project, id) });
    return c.json(answerOf('deleted', results));
  });

  return routes;
};
