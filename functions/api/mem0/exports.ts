import * as z from 'zod';
import { isUuid } from '../../../shared/domain/ids.ts';
import type { Filter } from '../../../shared/domain/memory/filter.ts';
import { countPartConditions } from '../../../shared/domain/memory/filter.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsOfPartConditions } from '../access/cost-units.ts';
import { entityMatchFields } from '../http/entity-ids.ts';
import { HttpError } from '../http/http-error.ts';
import { pacedJson } from '../http/paced-json.ts';
import { quotaExceeded } from '../http/quota.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { Exported, ExportStarted, JsonSchema, SummaryText } from './derived.openapi.ts';
import { Filter as FilterShape } from './filter.openapi.ts';
import { Instructions } from './schema.ts';
import { scopedByIds } from './selection.ts';

const scope = { ...entityMatchFields, filters: z.unknown().optional() };
const ExportBody = z.object({
  ...scope,
  schema: z.unknown().optional(),
  export_instructions: Instructions,
});
const ExportLookup = z.object({ ...scope, memory_export_id: z.string().nullish() });
const SummaryBody = z.object(scope);

const exportNotFound = (): HttpError =>
  new HttpError(404, 'export_not_found', 'No memory export request found');

const exampleSchema = {
  type: 'object',
  properties: {
    diet: { type: 'string', description: 'What the user eats' },
    memories: {
      type: 'array',
      items: {
        type: 'object',
        properties: { memory: { type: 'string' }, created_at: { type: 'string' } },
      },
    },
  },
};

/** Routes that make an object or a text from memories. The first request loads the operations. */
export const exportRoutes = (platform: Platform) => {
  const routes = createRoutes('mem0: exports');

  routes.post('/v1/exports', {
    permission: ['read', 'write'],
    work: 'job',
    body: ExportBody,
    openapi: describe(() => ({
      operationId: 'createExport',
      summary: 'Export memories in the form of a JSON Schema',
      description:
        'A job makes the object from refined memories that are true now; its event reports the progress. Kept for 7 days.',
      fields: { filters: FilterShape, schema: JsonSchema },
      responses: { 201: ExportStarted },
      errors: { 413: ['export_request_too_large'], 429: ['too_many_jobs'] },
      example: { body: { filters: { user_id: 'ana' }, schema: exampleSchema } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const { startExportOf } = await import('./derived-requests.ts');
      const filter = scopedByIds(body, body.filters, {});
      const started = await startExportOf(platform, c.get('principal').project, filter, body);
      if (started.outcome === 'full') throw quotaExceeded(started);
      const message = 'Memory export request received. The export will be ready in a few seconds.';
      return c.json({ message, id: started.id, event_id: started.id }, 201);
    },
  });

  routes.post('/v1/exports/get', {
    permission: 'read',
    work: 'list',
    body: ExportLookup,
    openapi: describe(() => ({
      operationId: 'getExport',
      summary: 'Get an export',
      description: 'By `memory_export_id`, or the newest one with equal `filters`.',
      fields: { filters: FilterShape },
      responses: { 200: Exported },
      errors: {
        400: ['invalid_id'],
        404: ['export_not_found', 'export_erased'],
        409: ['export_not_ready', 'export_failed'],
      },
      example: { body: { memory_export_id: exampleIds.export } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const { project } = c.get('principal');
      const { readExportOf } = await import('./derived-requests.ts');
      const id = body.memory_export_id;
      if (id != null && !isUuid(id))
        throw new HttpError(400, 'invalid_id', 'memory_export_id should be a valid UUID', {
          field: 'memory_export_id',
        });
      const by =
        id == null ? { filter: scopedByIds(body, body.filters, {}) } : { id: id.toLowerCase() };
      const found = await readExportOf(platform, project, by);
      switch (found.outcome) {
        case 'ready':
          return pacedJson(c, platform, found.value);
        case 'pending':
          throw new HttpError(
            409,
            'export_not_ready',
            `The export is not ready yet: its event ${found.id} reports the progress.`,
            { headers: { 'Retry-After': '1' } },
          );
        case 'failed':
          throw new HttpError(409, 'export_failed', found.error?.message ?? 'The export failed.');
        case 'erased':
          throw new HttpError(
            404,
            'export_erased',
            'The export was erased, because one of its memories was deleted: create it again.',
          );
        case 'not_found':
          throw exportNotFound();
      }
    },
  });

  routes.post('/v1/summary', {
    permission: 'read',
    work: 'list',
    body: SummaryBody,
    openapi: describe(() => ({
      operationId: 'summarizeMemories',
      summary: 'Summarize memories',
      description:
        'In the words of the language model, within 25 s; without one, or when it fails, in the words of the memories, by category. Nothing is stored.',
      fields: { filters: FilterShape },
      responses: { 200: SummaryText },
      example: { body: { filters: { user_id: 'ana' } } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const filter: Filter = scopedByIds(body, body.filters, {});
      c.get('charge')(unitsOfPartConditions(countPartConditions(filter)));
      const { summarize } = await import('../../../shared/core/derived/summary.ts');
      const { project } = c.get('principal');
      const { text, isDegraded } = await summarize(platform, project, filter, c.req.raw.signal);
      if (isDegraded) c.header('Turnstone-Degraded', 'model');
      return c.json({ summary: text, ...(isDegraded && { degraded: ['model'] }) });
    },
  });

  return routes.all;
};
