import {
  type AddFileResult,
  addFile,
  type CollectionFile,
  deleteFile,
  getFiles,
  listFiles,
  type NewFile,
  openCollection,
} from '../../../shared/core/collections/collection-files.ts';
import {
  createCollection,
  deleteCollection,
  listCollections,
} from '../../../shared/core/collections/collections.ts';
import { plainText } from '../../../shared/domain/plain-text.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { attachmentOf } from '../http/attachments.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { quotaExceeded } from '../http/quota.ts';

const defaultPage = 20;
const maxName = 200;
const noName = 'file';

/** Name of a file that has none: the end of its link. */
const nameOf = (content: string): string => {
  if (!URL.canParse(content)) return noName;
  const { protocol, pathname } = new URL(content);
  const end = protocol === 'data:' ? '' : (pathname.split('/').at(-1) ?? '');
  return end.slice(0, maxName) || noName;
};

/** A file of a request: a link, a data URL or base64, or the bytes of a form. */
interface GivenFile {
  content: string | Uint8Array;
  name?: string | null | undefined;
  mediaType?: unknown;
}

const lineBreaks = /\s+/g;
/** Characters that change the direction of the text after them, so that a name reads as another. */
const direction = /\p{Bidi_Control}/gu;

/** A name or a media type as it is kept: one line without control characters. */
const oneLine = (text: string): string =>
  plainText(text.replace(direction, ''), maxName).replace(lineBreaks, ' ').trim();

/** @param at position of the file, for the message of an error */
const fileOf = ({ content, name, mediaType }: GivenFile, at: number): NewFile => {
  const named =
    oneLine(name ?? '') || (typeof content === 'string' ? oneLine(nameOf(content)) : noName);
  if (typeof content === 'string') {
    const attachment = attachmentOf({ type: 'file', field: 'content', file: content, name: named });
    if (typeof attachment !== 'string') return { name: named, attachment };
    const field = `file[${at}].content`;
    throw invalid(field, `${field} ${attachment}.`);
  }
  const type = typeof mediaType === 'string' ? oneLine(mediaType) : '';
  const attachment = {
    type: type === 'application/pdf' ? 'pdf' : 'file',
    url: `data:${type}`,
    name: named,
    ...(type === '' ? {} : { mediaType: type }),
    bytes: content,
  };
  return { name: named, attachment };
};

export const knowledgebaseNotFound = (field: string): HttpError =>
  new HttpError(
    404,
    'knowledgebase_not_found',
    `${field} names no knowledge base of the project.`,
    {
      field,
    },
  );

/**
 * Creates a knowledge base and returns its id.
 * @throws HttpError 409
 */
export const createBase = async (
  platform: Platform,
  project: string,
  {
    knowledgebase_name: name,
    knowledgebase_description,
  }: { knowledgebase_name: string; knowledgebase_description?: string | null | undefined },
): Promise<string> => {
  const description = omitNullish({ description: knowledgebase_description || null });
  const created = await createCollection(platform, project, { name, ...description });
  if (created.outcome === 'created') return created.id;
  throw new HttpError(
    409,
    'too_many_knowledgebases',
    `A project has at most ${created.limit} knowledge bases: delete one before you create another.`,
  );
};

/**
 * Deletes a knowledge base and returns the id of the job that erases the data.
 * @throws HttpError 404 or 429
 */
export const deleteBase = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<string> => {
  const started = await deleteCollection(platform, project, id);
  if (started.outcome === 'unknown') throw knowledgebaseNotFound('knowledgebase_id');
  if (started.outcome === 'full') throw quotaExceeded(started);
  return started.event;
};

/** Page of a list, from 1. */
export interface Page {
  page: number;
  size: number;
}

const rangeOf = ({ page, size }: Page) => ({ skip: (page - 1) * size, limit: size });

/** Returns a page of the knowledge bases of a project. */
export const listBases = async (platform: Platform, project: string, page: Page) => {
  const { total, collections } = await listCollections(platform, project, rangeOf(page));
  const list = collections.map(({ id, name, description, createdAt }) => ({
    id,
    name,
    ...omitNullish({ description }),
    create_time: createdAt,
  }));
  return { knowledgebase_list: list, total, ...page };
};

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
  ...omitNullish(status === 'completed' ? { reason } : { error: reason }),
});

const notAdded = (refused: Exclude<AddFileResult, { outcome: 'added' }>): HttpError => {
  if (refused.outcome === 'unknown') return knowledgebaseNotFound('knowledgebase_id');
  if (refused.outcome === 'quota') return quotaExceeded(refused.exceeded);
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

/**
 * Adds files to a knowledge base, one after the other, and returns them as the surface shows them.
 * @throws HttpError 400, 404, 409, 413 or 429; files before the refused one are added
 */
export const addFiles = async (
  platform: Platform,
  project: string,
  { knowledgebase_id: id, file: given }: { knowledgebase_id: string; file: readonly GivenFile[] },
): Promise<object[]> => {
  const files = given.map(fileOf);
  const collection = await openCollection(platform, project, id);
  if (!collection) throw knowledgebaseNotFound('knowledgebase_id');
  const added: object[] = [];
  for (const file of files) {
    const result = await addFile(platform, project, collection, file);
    if (result.outcome !== 'added') throw notAdded(result);
    added.push({ ...addedBody(result.file), task_id: result.event });
  }
  return added;
};

interface Wanted {
  file_ids?: readonly string[] | null | undefined;
  knowledgebase_id?: string | null | undefined;
  page?: number | null | undefined;
  page_size?: number | null | undefined;
}

/**
 * Reads files by their ids, or a page of those of a knowledge base.
 * @throws HttpError 404
 */
export const readFiles = async (
  platform: Platform,
  project: string,
  { file_ids: ids, knowledgebase_id: base, page, page_size }: Wanted,
) => {
  if (ids != null) {
    const found = await getFiles(platform, project, ids);
    return { file_detail_list: found.map(fileBody), total: found.length };
  }
  return listBaseFiles(platform, project, base ?? '', {
    page: page ?? 1,
    size: page_size ?? defaultPage,
  });
};

/**
 * Returns a page of the files of a knowledge base.
 * @throws HttpError 404
 */
export const listBaseFiles = async (
  platform: Platform,
  project: string,
  base: string,
  page: Page,
) => {
  const listed = await listFiles(platform, project, base, rangeOf(page));
  if (!listed) throw knowledgebaseNotFound('knowledgebase_id');
  return { file_detail_list: listed.files.map(fileBody), total: listed.total };
};

/**
 * Deletes files and returns the ids of the jobs that erase them. Ids of no file are skipped.
 * @param charge charges for so many files besides the first
 * @throws HttpError 404 when no id is that of a file, 429
 */
export const deleteFiles = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
  charge: (files: number) => void,
): Promise<string[]> => {
  const found = await getFiles(platform, project, ids);
  if (found.length === 0)
    throw new HttpError(404, 'file_not_found', 'file_ids names no file of the project.', {
      field: 'file_ids',
    });
  charge(found.length - 1);
  const tasks: string[] = [];
  for (const { id } of found) {
    const started = await deleteFile(platform, project, id);
    if (started.outcome === 'full') throw quotaExceeded(started);
    tasks.push(started.event);
  }
  return tasks;
};
