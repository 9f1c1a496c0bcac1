import type { Context } from 'hono';
import type * as z from 'zod';
import { unitsBeyondUndeclared } from '../access/cost-units.ts';
import type { ApiEnv } from './api-env.ts';
import { embeddedLength } from './attachments.ts';
import { HttpError, invalid } from './http-error.ts';
import { isRecord } from './is-record.ts';
import { checkStructure } from './json-structure.ts';
import { limits } from './limits.ts';
import { parse } from './parse.ts';
import { sanitizeJson } from './sanitize-json.ts';
import { unknownFields } from './warnings.ts';

const megabytes = (bytes: number): string => `${Math.round((bytes / 1_048_576) * 10) / 10} MB`;

/** Builds a 413 error that closes the connection: with the rest of the body unread, no other request can follow. */
const tooLarge = (max: number, besides = ''): HttpError =>
  new HttpError(413, 'body_too_large', `The body is larger than ${megabytes(max)}${besides}.`, {
    headers: { Connection: 'close' },
  });

const collect = async (chunks: AsyncIterable<Uint8Array>, max: number): Promise<Uint8Array> => {
  const collected: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > max) throw tooLarge(max);
    collected.push(chunk);
  }
  return Buffer.concat(collected);
};

/** Reads the body up to `max` bytes. HTTP enforces a Content-Length; without one the bytes are counted as they arrive. */
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

/**
 * Reads the bytes of a body.
 * @throws HttpError 400 or 413
 */
export const readBytes = async (c: Context<ApiEnv>, max: number): Promise<Uint8Array> => {
  try {
    return await bytesOf(c, max);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, 'body_interrupted', 'The body could not be read completely.');
  }
};

/** Made by the first body: decoders load converters of ICU. */
let utf8: { decode(bytes: Uint8Array): string } | undefined;

const textOf = (bytes: Uint8Array): string => {
  try {
    utf8 ??= new TextDecoder('utf-8', { fatal: true });
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

const partsOf = (message: unknown): readonly unknown[] => {
  const content = isRecord(message) ? message['content'] : undefined;
  return Array.isArray(content) ? content : [content];
};

/** Returns the bytes of the files in the `file` list of a body. */
const listedFileBytes = (body: unknown): number => {
  const files = isRecord(body) ? body['file'] : undefined;
  let bytes = 0;
  for (const file of Array.isArray(files) ? files : [])
    bytes += embeddedLength({ type: 'file', data: isRecord(file) ? file['content'] : undefined });
  return bytes;
};

/** Returns the bytes of all files embedded in the messages of a body. Links do not count. */
const attachmentBytes = (body: unknown): number => {
  const messages = isRecord(body) ? body['messages'] : undefined;
  let bytes = 0;
  for (const message of Array.isArray(messages) ? messages : [])
    for (const part of partsOf(message)) bytes += embeddedLength(part);
  return bytes;
};

interface BodyOptions {
  /** Bytes of the files that a body may contain besides; undefined if it may contain none. */
  filesIn?: (body: unknown) => number;
  whenEmpty(): object;
}

const read = async <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
  { filesIn, whenEmpty }: BodyOptions,
): Promise<z.output<S>> => {
  const max = filesIn ? c.get('attachedBodyBytes') : limits.bodyBytes;
  const bytes = await readBytes(c, max);
  const text = textOf(bytes);
  const body = text.trim() === '' ? whenEmpty() : jsonOf(text);
  if (bytes.byteLength - (filesIn?.(body) ?? 0) > limits.bodyBytes)
    throw tooLarge(limits.bodyBytes, ' without its attachments');
  sanitizeJson(body);
  if (!isRecord(body)) throw invalid('', 'The body must be a JSON object.');
  const parsed = parse(schema, body);
  c.set('unknownFields', unknownFields(schema, body));
  return parsed;
};

const whenEmpty = (): never => {
  throw new HttpError(400, 'invalid_json', 'The body is empty; it must be a JSON object.');
};

/**
 * Reads a JSON body and parses it with `schema`. The content type is ignored.
 * @throws HttpError 400 or 413
 */
export const readBody = <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
): Promise<z.output<S>> => read(c, schema, { whenEmpty });

/** Reads a body whose messages may contain files. */
export const readBodyWithAttachments = <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
): Promise<z.output<S>> => read(c, schema, { filesIn: attachmentBytes, whenEmpty });

/** Reads a body whose `file` list may contain files. */
export const readBodyWithFiles = <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
): Promise<z.output<S>> => read(c, schema, { filesIn: listedFileBytes, whenEmpty });

/** Reads a body that may be missing, which means `{}`. */
export const readOptionalBody = <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
): Promise<z.output<S>> => read(c, schema, { whenEmpty: () => ({}) });
