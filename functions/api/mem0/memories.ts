import * as z from 'zod';
import { getMemory, historyOf } from '../../../shared/core/memories/read-memories.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { idempotencyKeyOf, keyReused } from '../http/accept-turn.ts';
import { MemoryId } from '../http/answers.openapi.ts';
import { mayRead } from '../http/may-read.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { pacedJson } from '../http/paced-json.ts';
import { memoryIdParam } from '../http/path-params.ts';
import { redactedEdit } from '../http/redacted-edit.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { memoryNotFound, notUpdated } from './errors.ts';
import { FoundMemory, HistoryEntry, MemoryOrReceipt, updateHeaders } from './memory.openapi.ts';
import { UpdateBody } from './schema.ts';
import { foundBody, historyBody, memoryBody } from './translate.ts';

/** Routes of one memory: get, update, history. */
export const memoryRoutes = (platform: Platform) => {
  const routes = createRoutes('mem0: memories');

  routes.get('/v1/memories/:id', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getMemory',
      summary: 'Get a memory',
      params: { id: MemoryId },
      responses: { 200: FoundMemory },
      errors: { 400: ['invalid_id'], 404: ['memory_not_found'] },
      example: { params: { id: exampleIds.memory } },
    })),
    handler: async (c) => {
      const id = memoryIdParam(c);
      const found = await getMemory(platform, c.get('principal').project, id);
      if (!found) throw memoryNotFound();
      return c.json(foundBody(found));
    },
  });

  routes.put('/v1/memories/:id', {
    permission: 'write',
    body: UpdateBody,
    openapi: describe(() => ({
      operationId: 'updateMemory',
      summary: 'Change a memory',
      params: { id: MemoryId },
      headers: updateHeaders,
      responses: { 200: MemoryOrReceipt },
      errors: {
        400: ['invalid_id', 'memory_immutable', 'sensitive_value'],
        404: ['memory_not_found'],
        409: ['memory_closed', 'message_is_source', 'idempotency_key_reused'],
      },
      example: {
        params: { id: exampleIds.memory },
        body: { text: 'User is vegan.', metadata: { source: 'edit' } },
      },
    })),
    handler: async (c, read) => {
      const id = memoryIdParam(c);
      const body = await read.body();
      const asked = {
        ...omitNullish({ text: body.text, metadata: body.metadata, observedAt: body.timestamp }),
        ...(body.expiration_date === undefined ? {} : { expiresOn: body.expiration_date }),
      };
      const { project } = c.get('principal');
      const edit = await redactedEdit(platform, c, asked, { text: 'text' });
      const key = idempotencyKeyOf(c);
      const { updateMemory, updateMemoryOnce } = await import('../http/edits.ts');
      const updated =
        key === undefined
          ? await updateMemory(platform, project, id, edit)
          : await updateMemoryOnce(platform, project, id, edit, key);
      if (updated.outcome === 'key_reused') throw keyReused();
      if (updated.outcome === 'replayed') c.header('Idempotent-Replayed', 'true');
      else if (updated.outcome !== 'updated') throw notUpdated(updated.outcome);
      return c.json(
        mayRead(c) ? memoryBody(updated.memory) : { id: updated.memory.id, event: 'UPDATE' },
      );
    },
  });

  routes.get('/v1/memories/:id/history', {
    permission: 'read',
    work: 'list',
    openapi: describe(() => ({
      operationId: 'getMemoryHistory',
      summary: 'Get the history of a memory',
      description: 'Its newest 100 changes, oldest first.',
      params: { id: MemoryId },
      responses: { 200: z.array(HistoryEntry) },
      errors: { 400: ['invalid_id'], 404: ['memory_not_found'] },
      example: { params: { id: exampleIds.memory } },
    })),
    handler: async (c) => {
      const id = memoryIdParam(c);
      const revisions = await historyOf(platform, c.get('principal').project, id);
      if (!revisions) throw memoryNotFound();
      return pacedJson(c, platform, historyBody(revisions));
    },
  });

  return routes.all;
};
