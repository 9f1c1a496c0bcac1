import * as z from 'zod';
import { entitiesOf } from '../../../../shared/domain/memory/entities.ts';
import type { FullPlatform } from '../../../../shared/ports/platform.ts';
import { entitiesFrom, entityIdFields } from '../../http/entity-ids.ts';
import { invalid } from '../../http/http-error.ts';
import { limits } from '../../http/limits.ts';
import { maySeeSecrets } from '../../http/may-read.ts';
import { createRoutes } from '../../http/routes.ts';
import { describe } from '../../openapi/describe.ts';
import { ArchiveRecords, ArchiveText, ImportOutcomes } from './archive.openapi.ts';
import { ImportBody } from './body.ts';

const Query = z.object({
  format: z.literal('jsonl', 'must be jsonl').optional(),
  after: z.string().min(1).max(limits.targetLength).optional(),
  ...entityIdFields,
});

/** Routes that export a project or an entity, and restore what was exported. */
export const archiveRoutes = (
  platform: FullPlatform,
  { streams = true }: { streams?: boolean },
) => {
  const routes = createRoutes('Export and import');

  routes.get('/v1/export', {
    permission: 'read',
    work: 'list',
    query: Query,
    openapi: describe(() => ({
      operationId: 'exportArchive',
      summary: 'Export all of a project, or of one entity',
      description:
        'Memories with their history, events, turns with their files, and, of a project, webhook endpoints without secrets. Each page costs the units of a list.',
      responses: { 200: ArchiveText },
      mediaType: 'application/jsonl',
      example: { query: { format: 'jsonl', user_id: 'ana' } },
    })),
    handler: async (c, read) => {
      const { after, format: _, ...ids } = read.query();
      const [entity, ...others] = entitiesOf(entitiesFrom(ids));
      if (others.length > 0)
        throw invalid('user_id', 'user_id, agent_id, app_id and run_id exclude each other.');
      const { exportArchive } = await import('../late.ts');
      const request = { showsUrls: maySeeSecrets(c), ...(entity ? { entity } : {}) };
      return exportArchive(platform, c, request, { after, streams });
    },
  });

  routes.post('/v1/import', {
    permission: 'admin',
    work: 'batch',
    body: ImportBody,
    bodyKind: 'files',
    openapi: describe(() => ({
      operationId: 'importArchive',
      summary: 'Restore records of an export',
      description:
        'Ids, times and history stay as they were. What exists stays as it is, and what was deleted here stays deleted.',
      fields: { records: ArchiveRecords },
      responses: { 200: ImportOutcomes },
      example: {
        body: { records: [{ entity: { kind: 'user', id: 'ben', createdAt: 1_790_000_000_000 } }] },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const { importRecords } = await import('../late.ts');
      return importRecords(platform, c, body);
    },
  });

  return routes.all;
};
