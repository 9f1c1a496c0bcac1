import * as z from 'zod';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsByWork } from '../access/cost-units.ts';
import { invalid } from '../http/http-error.ts';
import { isRecord } from '../http/is-record.ts';
import { nonEmptyListOf } from '../http/list-of.ts';
import { Count } from '../http/paging.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { success } from './answer.ts';
import { FilePage, FilesAdded, FilesAnswer, FilesDeleted, MemosError } from './answers.openapi.ts';
import { basePageFields, KnowledgebaseId } from './fields.ts';

/** Files of one request. */
const maxFiles = 20;
const maxPage = 100;
const maxName = 200;

const Type = z.literal('document', 'must be "document": there are no skills').nullish();

/** A file of a form has its bytes as its content. */
const File = z.object({
  content: z.union([z.string(), z.instanceof(Uint8Array)], {
    error: ({ input }) =>
      input === undefined ? 'is required' : 'must be an http or https URL, a data URL or base64',
  }),
  name: z.string().trim().max(maxName).nullish(),
  mediaType: z.unknown().optional(),
  type: Type,
});

const Add = z.object({
  knowledgebase_id: KnowledgebaseId,
  file: nonEmptyListOf(File, maxFiles, `must not have more than ${maxFiles} files`),
});

/** The query string may name the knowledge base of a body without one. */
const AddQuery = z.object({ knowledgebase_id: z.string().nullish() });

const isBlank = (value: unknown): boolean => typeof value === 'string' && value.trim() === '';

/** The body of an add, with the knowledge base of the query string if it names none. */
const addTo = (id: string | null | undefined) =>
  z.preprocess((body) => {
    if (id == null || !isRecord(body)) return body;
    const { knowledgebase_id: own } = body;
    return own == null || isBlank(own) ? { ...body, knowledgebase_id: id } : body;
  }, Add);

const FileIds = nonEmptyListOf(KnowledgebaseId, maxPage);

const Get = z.object({
  file_ids: FileIds.nullish(),
  knowledgebase_id: KnowledgebaseId.nullish(),
  type: Type,
  page: Count.nullish(),
  page_size: Count.max(maxPage, `must be at most ${maxPage}`).nullish(),
});

const List = z.object({ knowledgebase_id: KnowledgebaseId, ...basePageFields });

const Delete = z.object({ file_ids: nonEmptyListOf(KnowledgebaseId, maxFiles) });

/** Loads the operations on first use: a cold start does not read them. */
const operations = () => import('./late.ts');

/** Routes for the files of knowledge bases. */
export const knowledgebaseFileRoutes = (platform: Platform) => {
  const routes = createRoutes('MemOS: knowledge bases');

  routes.post('/api/openmem/v1/add/knowledgebase-file', {
    permission: 'write',
    work: 'add',
    body: Add,
    query: AddQuery,
    openapi: describe(() => ({
      operationId: 'memosAddKnowledgebaseFiles',
      summary: 'Add files to a knowledge base',
      description:
        'Each `content` is a link, a data URL or base64. A form (`multipart/form-data`) with `knowledgebase_id` and files is taken as well. The query string may have the `knowledgebase_id`. A file that is there already under the same name is not added again, unless reading it failed.',
      responses: { 200: FilesAdded },
      errors: {
        400: ['invalid_form'],
        404: ['knowledgebase_not_found'],
        409: ['knowledgebase_full'],
        429: ['too_many_jobs', 'too_many_cutoffs'],
      },
      errorBody: MemosError,
      example: {
        body: {
          knowledgebase_id: exampleIds.knowledgebase,
          file: [{ name: 'rules.md', content: 'data:text/markdown,Breakfast%20is%20at%20seven.' }],
        },
      },
    })),
    handler: async (c, read) => {
      const { addFiles, readFormBody } = await operations();
      const body = await readFormBody(c, addTo(read.query().knowledgebase_id));
      c.get('charge')((body.file.length - 1) * unitsByWork.add);
      return success(c, await addFiles(platform, c.get('principal').project, body));
    },
  });

  routes.post('/api/openmem/v1/get/knowledgebase-file', {
    permission: 'read',
    work: 'list',
    body: Get,
    openapi: describe(() => ({
      operationId: 'memosGetKnowledgebaseFiles',
      summary: 'Get files of a knowledge base',
      description: 'By their ids, or all of a knowledge base, newest first, in pages.',
      responses: { 200: FilesAnswer },
      errors: { 404: ['knowledgebase_not_found'] },
      errorBody: MemosError,
      example: { body: { knowledgebase_id: exampleIds.knowledgebase, page: 1, page_size: 20 } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      if ((body.file_ids == null) === (body.knowledgebase_id == null))
        throw invalid('file_ids', 'file_ids is required, unless knowledgebase_id is given.');
      const { readFiles } = await operations();
      return success(c, await readFiles(platform, c.get('principal').project, body));
    },
  });

  routes.post('/api/openmem/v1/list/knowledgebase-file', {
    permission: 'read',
    work: 'list',
    body: List,
    openapi: describe(() => ({
      operationId: 'memosListKnowledgebaseFiles',
      summary: 'List the files of a knowledge base',
      description: 'Newest first, in pages.',
      responses: { 200: FilePage },
      errors: { 404: ['knowledgebase_not_found'] },
      errorBody: MemosError,
      example: { body: { knowledgebase_id: exampleIds.knowledgebase, page: 1, size: 10 } },
    })),
    handler: async (c, read) => {
      const { knowledgebase_id: base, ...page } = await read.body();
      const { listBaseFiles } = await operations();
      const { project } = c.get('principal');
      return success(c, { ...(await listBaseFiles(platform, project, base, page)), ...page });
    },
  });

  routes.post('/api/openmem/v1/delete/knowledgebase-file', {
    permission: 'write',
    work: 'job',
    body: Delete,
    openapi: describe(() => ({
      operationId: 'memosDeleteKnowledgebaseFiles',
      summary: 'Delete files of knowledge bases, and what was drawn from them',
      description:
        'No read shows any of it once this has answered. `task_ids` report the erasures. Ids of no file are skipped.',
      responses: { 200: FilesDeleted },
      errors: { 404: ['file_not_found'], 429: ['too_many_jobs', 'too_many_cutoffs'] },
      errorBody: MemosError,
      example: { body: { file_ids: [exampleIds.otherFile] } },
    })),
    handler: async (c, read) => {
      const { file_ids: ids } = await read.body();
      const { deleteFiles } = await operations();
      const charge = (files: number) => c.get('charge')(files * unitsByWork.job);
      const tasks = await deleteFiles(platform, c.get('principal').project, ids, charge);
      return success(c, { success: true, task_ids: tasks });
    },
  });

  return routes.all;
};
