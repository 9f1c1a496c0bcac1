import type { Context } from 'hono';
import type * as z from 'zod';
import { unitsBeyondUndeclared } from '../access/cost-units.ts';
import type { ApiEnv } from './api-env.ts';
import { HttpError, invalid } from './http-error.ts';
import { checkStructure } from './json-structure.ts';
import { limits } from './limits.ts';
import { parse } from './parse.ts';
import { cleanJson } from './sanitize-json.ts';

const megabytes = (bytes: number): string => `${Math.round((bytes / 1_048_576) * 10) / 10} MB`;

/** The rest of the body is not read, so the connection cannot carry another request. */
const tooLarge = (max: number, besides = ''): HttpError =>
  new HttpError(413, 'body_too_large', `The body is larger than ${megabytes(max)}${besides}.`, {
    headers: { Connection: 'close' },
  });

const collect = async (chunks: AsyncIterable<Uint8Array>, max: number): Promise<Uint8Array> => {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > max) throw tooLarge(max);
    kept.push(chunk);
  }
  return Buffer.concat(kept);
};

/** A declared length is enforced by HTTP itself; without one the bytes are counted as they come. */
const bytesOf = async (c: Context<ApiEnv>, max: number): Promise<Uint8Array> => {
  const declared = c.req.header('content-length');
  if (declared === undefined) {
    if (!c.req.raw.body) return new Uint8Array();
    const bytes = await collect(c.req.raw.body, max);
    c.get('charge')(unitsBeyondUndeclared(bytes.byteLength));
    return bytes;
  }
  if (Number(declared) > max) throw tooLarge(max);
  return new Uint8Array(await c.req.arrayBuffer());
};

const readBytes = async (c: Context<ApiEnv>, max: number): Promise<Uint8Array> => {
  try {
    return await bytesOf(c, max);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, 'body_interrupted', 'The body could not be read to its end.');
  }
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

const textOf = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new HttpError(400, 'invalid_json', 'The body is not valid UTF-8.');
  }
};

const jsonOf = (text: string): unknown => {
  checkStructure(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, 'invalid_json', 'The body is not valid JSON.');
  }
};

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys of a content part that may hold a file as a data URL. */
const urlKeys = ['image_url', 'pdf_url', 'mdx_url'] as const;

const dataUrlBytes = (url: unknown): number => {
  const text = isRecord(url) ? url['url'] : url;
  return typeof text === 'string' && text.startsWith('data:') ? Buffer.byteLength(text) : 0;
};

const partsOf = (message: unknown): readonly unknown[] => {
  const content = isRecord(message) ? message['content'] : undefined;
  return Array.isArray(content) ? content : [content];
};

const partBytes = (part: unknown): number =>
  isRecord(part) ? urlKeys.reduce((sum, key) => sum + dataUrlBytes(part[key]), 0) : 0;

/** Bytes of the files that the messages of a parsed body carry in themselves; links are no files. */
const attachmentBytes = (body: unknown): number => {
  const messages = isRecord(body) ? body['messages'] : undefined;
  let bytes = 0;
  for (const message of Array.isArray(messages) ? messages : [])
    for (const part of partsOf(message)) bytes += partBytes(part);
  return bytes;
};

interface Form {
  /** Whether files may come in the messages, as data URLs. */
  takesAttachments?: boolean;
  whenEmpty(): object;
}

const read = async <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
  { takesAttachments = false, whenEmpty }: Form,
): Promise<z.output<S>> => {
  const max = takesAttachments ? c.get('attachedBodyBytes') : limits.bodyBytes;
  const bytes = await readBytes(c, max);
  const text = textOf(bytes);
  const body = text.trim() === '' ? whenEmpty() : jsonOf(text);
  if (bytes.byteLength - attachmentBytes(body) > limits.bodyBytes)
    throw tooLarge(limits.bodyBytes, ' without its attachments');
  cleanJson(body);
  if (!isRecord(body)) throw invalid('', 'The body must be a JSON object.');
  return parse(schema, body);
};

const whenEmpty = (): never => {
  throw new HttpError(400, 'invalid_json', 'The body is empty; a JSON object is expected.');
};

/**
 * The body, whatever its content type says, parsed by `schema`.
 * @throws HttpError 400 or 413
 */
export const readBody = <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
): Promise<z.output<S>> => read(c, schema, { whenEmpty });

/** The same where messages may carry files. */
export const readBodyWithAttachments = <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
): Promise<z.output<S>> => read(c, schema, { takesAttachments: true, whenEmpty });

/** The same where no body at all says as much as `{}`. */
export const readOptionalBody = <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
): Promise<z.output<S>> => read(c, schema, { whenEmpty: () => ({}) });
