import type { Platform } from '../../../shared/ports/platform.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { Exported, ExportStarted, JsonSchema, SummaryText } from './derived.openapi.ts';
import { ExportBody, ExportLookup, SummaryBody } from './derived-bodies.ts';
import { Filter as FilterShape } from './filter.openapi.ts';

const handlers = () => import('./export-handlers.ts');

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

/** Routes that make an object or a text from memories. */
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
      return (await handlers()).createExport(platform, c, body);
    },
  });

  routes.post('/v1/exports/get', {
    permission: 'read',
    work: 'list',
    body: ExportLookup,
    openapi: describe(() => ({
      operationId: 'getExport',
      summary: 'Get an export',
      description:
        'By `memory_export_id`, or the newest one with equal `filters`. Waits up to 5 s for an export that is under way.',
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
      return (await handlers()).getExport(platform, c, body);
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
      return (await handlers()).showSummary(platform, c, body);
    },
  });

  return routes.all;
};
