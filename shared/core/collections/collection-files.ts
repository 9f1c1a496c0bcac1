import { bytesDigest, digestOf } from '../../domain/digest.ts';
import type { NewAttachment } from '../../domain/memory/attachment.ts';
import { type Entity, filePrefix } from '../../domain/memory/entities.ts';
import type { Event } from '../../domain/memory/event.ts';
import type { Metadata } from '../../domain/memory/turn.ts';
import { eventKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { AcceptResult } from '../accept.ts';
import { deleteAll } from '../erasure/delete-all.ts';
import type { QuotaExceeded } from '../projects/quota.ts';
import { visibleIn } from '../retrieval/list.ts';
import { acceptDeclaring } from './accept-into.ts';
import {
  type Declared,
  findUnknownCollection,
  listDeclared,
  newestFirst,
  readDeclared,
} from './collections.ts';

/** Files of a collection. */
const maxFiles = 1_000;

/** A file of a collection. `reason`: why a failed one was not read, or what of one that was read is left out. */
export interface CollectionFile {
  id: string;
  name: string;
  /** Bytes; 0 for a link. */
  size: number;
  status: 'running' | 'completed' | 'failed';
  reason?: string;
  createdAt: number;
}

/** A file to add. */
export interface NewFile {
  name: string;
  attachment: NewAttachment;
}

export type AddFileResult =
  | { outcome: 'added'; file: CollectionFile; event: string }
  | { outcome: 'unknown' }
  | { outcome: 'full'; limit: number }
  | { outcome: 'quota'; exceeded: QuotaExceeded }
  | Exclude<AcceptResult, { event: string }>;

const fileOf = (id: string): Entity & { kind: 'file' } => ({ kind: 'file', id });

/** Id of a file: the same file under the same name is the same one, so that a repeated request adds nothing. */
const idOf = (collection: string, { name, attachment: { bytes, url } }: NewFile): string => {
  const content = bytes ? bytesDigest(bytes) : url;
  return `${filePrefix(collection)}${digestOf(JSON.stringify([name, content])).slice(0, 32)}`;
};

const collectionOf = (file: string): string => file.split('/', 1)[0] ?? '';

const described = ({ metadata = {} }: { metadata?: Metadata }) => {
  const { name, size, event } = metadata;
  return {
    name: typeof name === 'string' ? name : '',
    size: typeof size === 'number' ? size : 0,
    event: typeof event === 'string' ? event : '',
  };
};

const stateOf = ({
  status,
  attachments = [],
  error,
}: Event): Pick<CollectionFile, 'status' | 'reason'> => {
  if (status === 'PENDING' || status === 'RUNNING') return { status: 'running' };
  const unread = attachments.find((one) => one.status !== 'read');
  const isRead = status === 'SUCCEEDED' && !unread;
  const reason = isRead
    ? attachments.find((one) => one.reason !== undefined)?.reason
    : (unread?.reason ?? error?.message);
  const state = isRead ? 'completed' : 'failed';
  return { status: state, ...(reason === undefined ? {} : { reason }) };
};

/** State of a file whose event has expired: a file that was read has memories. */
const stateWithoutEvent = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<Pick<CollectionFile, 'status'>> => {
  const { memories } = await visibleIn(platform, project, [fileOf(id)], {
    showExpired: false,
    validity: 'now',
  });
  return { status: memories.length > 0 ? 'completed' : 'failed' };
};

const viewsOf = async (
  platform: Platform,
  project: string,
  records: readonly Declared[],
): Promise<CollectionFile[]> => {
  const keys = records.map((record) => eventKey(project, described(record).event));
  const events = await platform.store.getMany(keys);
  const views: CollectionFile[] = [];
  for (const [index, record] of records.entries()) {
    const { id, createdAt } = record;
    const { name, size } = described(record);
    const event = events[index];
    const state = event ? stateOf(event) : await stateWithoutEvent(platform, project, id);
    views.push({ id, name, size, createdAt, ...state });
  }
  return views;
};

/** Reads files by their ids, strongly consistent, without those that are absent or deleted. */
export const getFiles = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<CollectionFile[]> => {
  const owners = [...new Set(ids.map(collectionOf))];
  const [files, collections] = await Promise.all([
    readDeclared(platform, project, 'file', [...new Set(ids)]),
    readDeclared(platform, project, 'collection', owners),
  ]);
  const known = new Set(collections.map((collection) => collection?.id));
  return viewsOf(
    platform,
    project,
    files.flatMap((file) => (file && known.has(collectionOf(file.id)) ? [file] : [])),
  );
};

/** Returns a page of the files of a collection, newest first, and their number; undefined for an unknown collection. */
export const listFiles = async (
  platform: Platform,
  project: string,
  collection: string,
  { skip, limit }: { skip: number; limit: number },
): Promise<{ total: number; files: CollectionFile[] } | undefined> => {
  const unknown = await findUnknownCollection(platform, project, [collection]);
  if (unknown !== undefined) return undefined;
  const all = await listDeclared(platform, project, 'file', filePrefix(collection));
  const page = newestFirst(all).slice(skip, skip + limit);
  return { total: all.length, files: await viewsOf(platform, project, page) };
};

/** A collection as it was read: the records of its files by their ids. */
export interface OpenCollection {
  id: string;
  files: Map<string, Declared | undefined>;
}

/** Reads a collection, to add files; undefined for an unknown one. */
export const openCollection = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<OpenCollection | undefined> => {
  const [unknown, records] = await Promise.all([
    findUnknownCollection(platform, project, [id]),
    listDeclared(platform, project, 'file', filePrefix(id)),
  ]);
  if (unknown !== undefined) return undefined;
  return { id, files: new Map(records.map((record) => [record.id, record])) };
};

/**
 * Adds a file to a collection: a turn of its own, whose scope is the file, so that nothing drawn from another file is changed by
 * it. The turn and the record of the file are one transaction, which a deletion of the collection refuses or covers. A file that the collection
 * has already is left as it is; one that failed is erased, and added again.
 * @throws RetryableError when the store, or that of the files, cannot be reached; repeating the request is safe
 */
export const addFile = async (
  platform: Platform,
  project: string,
  { id: collection, files }: OpenCollection,
  file: NewFile,
): Promise<AddFileResult> => {
  const id = idOf(collection, file);
  const record = files.get(id);
  const [existing] = record ? await viewsOf(platform, project, [record]) : [];
  if (record && existing && existing.status !== 'failed')
    return { outcome: 'added', file: existing, event: described(record).event };
  if (!files.has(id) && files.size >= maxFiles) return { outcome: 'full', limit: maxFiles };
  if (existing) {
    const erased = await deleteFile(platform, project, id);
    if (erased.outcome === 'full') return { outcome: 'quota', exceeded: erased };
  }
  const event = platform.ids.next();
  const size = file.attachment.bytes?.byteLength ?? 0;
  const accepted = await acceptDeclaring(
    platform,
    project,
    collection,
    {
      entities: { file: id, collection },
      messages: [{ role: 'user', content: '', attachments: [file.attachment] }],
      metadata: { file_id: id, file_name: file.name },
      options: { infer: true, described: true },
      event,
    },
    { entity: fileOf(id), metadata: { name: file.name, size, event } },
  );
  if (!('event' in accepted)) return accepted;
  files.set(id, record);
  const createdAt = platform.clock.now();
  return {
    outcome: 'added',
    file: { id, name: file.name, size, status: 'running', createdAt },
    event: accepted.event,
  };
};

/**
 * Deletes a file, with its name and all that was drawn from the file, as a delete-all. Once this resolves no read shows any of it.
 * @returns the id of the event of the job that erases the data
 */
export const deleteFile = (
  platform: Platform,
  project: string,
  id: string,
): Promise<{ outcome: 'begun'; event: string } | QuotaExceeded> =>
  deleteAll(platform, project, { file: id });
