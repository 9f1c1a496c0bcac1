import * as z from 'zod';
import type {
  AddFileResult,
  CollectionFile,
} from '../../../shared/core/collections/collection-files.ts';
import type { NewAttachment } from '../../../shared/domain/memory/attachment.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsByWork } from '../access/cost-units.ts';
import { attachmentOf } from '../http/attachments.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { nonEmptyListOf } from '../http/list-of.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { Count } from '../http/paging.ts';
import { quotaExceeded } from '../http/quota.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { success } from './answer.ts';
import { FilesAdded, FilesAnswer, FilesDeleted, MemosError } from './answers.openapi.ts';
import { knowledgebaseNotFound } from './errors.ts';
import { KnowledgebaseId } from './fields.ts';

/** Files of one request. */
const maxFiles = 20;
const maxPage = 100;
const defaultPage = 20;
const maxName = 200;
const noName = 'file';

const Type = z.literal('document', 'must be "document": there are no skills').nullish();

/** Name of a file that has none: the end of its link. */
const nameOf = (content: string): string => {
  if (!URL.canParse(content)) return noName;
  const { protocol, pathname } = new URL(content);
  const end = protocol === 'data:' ? '' : (pathname.split('/').at(-1) ?? '');
  return end.slice(0, maxName) || noName;
};

/** A file of a form has its bytes as its content. */
const File = z
  .object({
    content: z.union([z.string(), z.instanceof(Uint8Array)], {
      error: ({ input }) =>
        input === undefined ? 'is required' : 'must be an http or https URL, a data URL or base64',
    }),
    name: z.string().trim().max(maxName).nullish(),
    mediaType: z.unknown().optional(),
    type: Type,
  })
  .transform(({ content, name, mediaType }, context) => {
    const named = name || (typeof content === 'string' ? nameOf(content) : noName);
    if (content instanceof Uint8Array) {
      const type = typeof mediaType === 'string' ? mediaType : '';
      const attachment: NewAttachment = {
        type: type === 'application/pdf' ? 'pdf' : 'file',
        url: `data:${type}`,
        name: named,
        ...(type === '' ? {} : { mediaType: type }),
        bytes: content,
      };
      return { name: named, attachment };
    }
    const attachment = attachmentOf({ type: 'file', field: 'content', file: content, name: named });
    if (typeof attachment !== 'string') return { name: named, attachment };
    context.addIssue({ code: 'custom', message: attachment, path: ['content'] });
    return z.NEVER;
  });

const Add = z.object({
  knowledgebase_id: KnowledgebaseId,
  file: nonEmptyListOf(File, maxFiles, `must not have more than ${maxFiles} files`),
});

const FileIds = nonEmptyListOf(KnowledgebaseId, maxPage);

const Get = z.object({
  file_ids: FileIds.nullish(),
  knowledgebase_id: KnowledgebaseId.nullish(),
  type: Type,
  page: Count.nullish(),
  page_size: Count.max(maxPage, `must be at most ${maxPage}`).nullish(),
});

const Delete = z.object({ file_ids: nonEmptyListOf(KnowledgebaseId, maxFiles) });

const megabytes = (bytes: number): number => Math.round((bytes / 1_048_576) * 10_000) / 10_000;

const addedBody = ({ id, name, size, status }: CollectionFile) => ({
  id,
  type: 'document',
  name,
  sizeMB: megabytes(size),
  status,
});

const fileBody = ({ id, name, size, status, reason, createdAt }: CollectionFile) => ({
  id,
  type: 'document',
  name,
  size: megabytes(size),
  status,
  create_time: createdAt,
  ...omitNullish({ error: reason }),
});

const notAdded = (refused: Exclude<AddFileResult, { outcome: 'added' }>): HttpError => {
  if (refused.outcome === 'unknown') return knowledgebaseNotFound('knowledgebase_id');
  if (refused.outcome === 'full')
    return new HttpError(
      409,
      'knowledgebase_full',
      `A knowledge base has at most ${refused.limit} files: delete some before you add others.`,
      { field: 'knowledgebase_id' },
    );
  return new HttpError(413, 'turn_too_large', 'The name and the link of the file are too long.', {
    field: 'file',
  });
};

/** Loads the operations on first use: a cold start does not read them. */
const files = () => import('../../../shared/core/collections/collection-files.ts');

/** Routes for the files of knowledge bases. */
export const knowledgebaseFileRoutes = (platform: Platform) => {
  const routes = createRoutes('MemOS: knowledge bases');

  routes.post('/api/openmem/v1/add/knowledgebase-file', {
    permission: 'write',
    work: 'add',
    body: Add,
    bodyKind: 'form',
    openapi: describe(() => ({
      operationId: 'memosAddKnowledgebaseFiles',
      summary: 'Add files to a knowledge base',
      description:
        'Each `content` is a link, a data URL or base64. A form (`multipart/form-data`) with `knowledgebase_id` and files is taken as well. A file that is there already under the same name is not added again, unless reading it failed.',
      responses: { 200: FilesAdded },
      errors: { 404: ['knowledgebase_not_found'], 409: ['knowledgebase_full'] },
      errorBody: MemosError,
      example: {
        body: {
          knowledgebase_id: exampleIds.knowledgebase,
          file: [{ name: 'rules.md', content: 'data:text/markdown,Breakfast%20is%20at%20seven.' }],
        },
      },
    })),
    handler: async (c, read) => {
      const { knowledgebase_id: id, file: given } = await read.body();
      const { project } = c.get('principal');
      c.get('charge')((given.length - 1) * unitsByWork.add);
      const { addFile } = await files();
      const added: object[] = [];
      for (const file of given) {
        const result = await addFile(platform, project, id, file);
        if (result.outcome !== 'added') throw notAdded(result);
        added.push({ ...addedBody(result.file), task_id: result.event });
      }
      return success(c, added);
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
      const { file_ids: ids, knowledgebase_id: base, page, page_size } = await read.body();
      const { project } = c.get('principal');
      if ((ids == null) === (base == null))
        throw invalid('file_ids', 'file_ids is required, unless knowledgebase_id is given.');
      const { getFiles, listFiles } = await files();
      if (ids != null) {
        const found = await getFiles(platform, project, ids);
        return success(c, { file_detail_list: found.map(fileBody), total: found.length });
      }
      const limit = page_size ?? defaultPage;
      const skip = ((page ?? 1) - 1) * limit;
      const listed = await listFiles(platform, project, base ?? '', { skip, limit });
      if (!listed) throw knowledgebaseNotFound('knowledgebase_id');
      const { total } = listed;
      return success(c, { file_detail_list: listed.files.map(fileBody), total });
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
      const { project } = c.get('principal');
      const { deleteFile, getFiles } = await files();
      const found = await getFiles(platform, project, ids);
      if (found.length === 0)
        throw new HttpError(404, 'file_not_found', 'file_ids names no file of the project.', {
          field: 'file_ids',
        });
      c.get('charge')((found.length - 1) * unitsByWork.job);
      const tasks: string[] = [];
      for (const { id } of found) {
        const started = await deleteFile(platform, project, id);
        if (started.outcome === 'full') throw quotaExceeded(started);
        tasks.push(started.event);
      }
      return success(c, { success: true, task_ids: tasks });
    },
  });

  return routes.all;
};
