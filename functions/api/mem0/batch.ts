import * as z from 'zod';
import { deleteMemories } from '../../../shared/core/erasure/delete-memory.ts';
import type { MemoryUpdate } from '../../../shared/core/memories/update-memories.ts';
import { isUuid } from '../../../shared/domain/ids.ts';
import { isDerivedId } from '../../../shared/domain/memory/derived-ids.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsPerItem } from '../access/cost-units.ts';
import { isRecord } from '../http/is-record.ts';
import { limits } from '../http/limits.ts';
import { nonEmptyListOf } from '../http/list-of.ts';
import { Metadata } from '../http/metadata.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { redactedEdit } from '../http/redacted-edit.ts';
import { createRoutes } from '../http/routes.ts';
import { Text } from '../http/text.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { BatchAnswer } from './memory.openapi.ts';

/** Memory id. Some clients send `{memory_id: {memory_id: id}}`. */
export const AnyMemoryId = z.preprocess(
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
    .object({ memory_id: AnyMemoryId, text: Text.nullish(), metadata: Metadata.nullish() })
    .refine(({ text, metadata }) => (text ?? metadata) != null, 'needs a text or metadata'),
  'updated',
);
const DeleteBatch = batchOf(z.object({ memory_id: AnyMemoryId }), 'deleted');

const answerOf = (
  done: string,
  memories: readonly { memory_id: string }[],
  outcomes: readonly string[],
) => {
  const results = memories.map(({ memory_id }, index) => ({
    memory_id,
    outcome: outcomes[index] ?? '',
  }));
  const count = outcomes.filter((outcome) => outcome === done).length;
  return { message: `Successfully ${done} ${count} memories`, results };
};

/** Routes for several memories by id. Memories share transactions; the response has an outcome for each. */
export const batchRoutes = (platform: Platform) => {
  const routes = createRoutes('mem0: memories');

  routes.put('/v1/batch', {
    permission: 'write',
    work: 'batch',
    body: UpdateBatch,
    openapi: describe(() => ({
      operationId: 'updateBatch',
      summary: 'Change up to 1,000 memories',
      description: 'The answer has an outcome for each.',
      responses: { 200: BatchAnswer },
      errors: { 400: ['sensitive_value'] },
      example: {
        body: { memories: [{ memory_id: exampleIds.memory, metadata: { source: 'batch' } }] },
      },
    })),
    handler: async (c, read) => {
      const { memories } = await read.body();
      c.get('charge')(memories.length * unitsPerItem);
      const updates: MemoryUpdate[] = [];
      for (const [at, { memory_id: id, text, metadata }] of memories.entries()) {
        const edit = omitNullish({ text, metadata });
        const fields = { text: `memories[${at}].text` };
        updates.push({ id, edit: await redactedEdit(platform, c, edit, fields) });
      }
      const { updateMemories } = await import('../http/edits.ts');
      const outcomes = await updateMemories(platform, c.get('principal').project, updates);
      return c.json(answerOf('updated', memories, outcomes));
    },
  });

  routes.delete('/v1/batch', {
    permission: 'write',
    work: 'batch',
    body: DeleteBatch,
    openapi: describe(() => ({
      operationId: 'deleteBatch',
      summary: 'Delete up to 1,000 memories',
      description: 'The answer has an outcome for each.',
      responses: { 200: BatchAnswer },
      example: { body: { memories: [{ memory_id: exampleIds.otherMemory }] } },
    })),
    handler: async (c, read) => {
      const { memories } = await read.body();
      c.get('charge')(memories.length * unitsPerItem);
      const ids = memories.map(({ memory_id: id }) => id);
      const outcomes = await deleteMemories(platform, c.get('principal').project, ids);
      return c.json(answerOf('deleted', memories, outcomes));
    },
  });

  return routes.all;
};
