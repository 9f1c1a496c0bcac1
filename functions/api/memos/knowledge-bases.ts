import * as z from 'zod';
import type { Platform } from '../../../shared/ports/platform.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { success } from './answer.ts';
import { Deleted, KnowledgebaseCreated, KnowledgebaseList, MemosError } from './answers.openapi.ts';
import { basePageFields, KnowledgebaseId } from './fields.ts';

const maxName = 200;
const maxDescription = 1_000;

const Create = z.object({
  knowledgebase_name: z.string().trim().min(1, 'must not be empty').max(maxName),
  knowledgebase_description: z.string().trim().max(maxDescription).nullish(),
});
const Delete = z.object({ knowledgebase_id: KnowledgebaseId });
const List = z.object(basePageFields);

/** Loads the operations on first use: a cold start does not read them. */
const operations = () => import('./late.ts');

/** Routes that create, list and delete knowledge bases. */
export const knowledgebaseRoutes = (platform: Platform) => {
  const routes = createRoutes('MemOS: knowledge bases');

  routes.post('/api/openmem/v1/create/knowledgebase', {
    permission: 'write',
    work: 'change',
    body: Create,
    openapi: describe(() => ({
      operationId: 'memosCreateKnowledgebase',
      summary: 'Create a knowledge base',
      responses: { 200: KnowledgebaseCreated },
      errors: { 409: ['too_many_knowledgebases'] },
      errorBody: MemosError,
      example: {
        body: { knowledgebase_name: 'Handbook', knowledgebase_description: 'Rules of the house.' },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const { createBase } = await operations();
      return success(c, { id: await createBase(platform, c.get('principal').project, body) });
    },
  });

  routes.post('/api/openmem/v1/list/knowledgebase', {
    permission: 'read',
    work: 'list',
    body: List,
    openapi: describe(() => ({
      operationId: 'memosListKnowledgebases',
      summary: 'List knowledge bases',
      description: 'Newest first, in pages.',
      responses: { 200: KnowledgebaseList },
      errorBody: MemosError,
      example: { body: { page: 1, size: 10 } },
    })),
    handler: async (c, read) => {
      const page = await read.body();
      const { listBases } = await operations();
      return success(c, await listBases(platform, c.get('principal').project, page));
    },
  });

  routes.post('/api/openmem/v1/delete/knowledgebase', {
    permission: 'write',
    work: 'job',
    body: Delete,
    openapi: describe(() => ({
      operationId: 'memosDeleteKnowledgebase',
      summary: 'Delete a knowledge base, its files and what was drawn from them',
      description: 'No read shows any of it once this has answered. `task_id` reports the erasure.',
      responses: { 200: Deleted },
      errors: { 404: ['knowledgebase_not_found'], 429: ['too_many_jobs', 'too_many_cutoffs'] },
      errorBody: MemosError,
      example: { body: { knowledgebase_id: exampleIds.otherKnowledgebase } },
    })),
    handler: async (c, read) => {
      const { knowledgebase_id: id } = await read.body();
      const { deleteBase } = await operations();
      const task = await deleteBase(platform, c.get('principal').project, id);
      return success(c, { success: true, task_id: task });
    },
  });

  return routes.all;
};
