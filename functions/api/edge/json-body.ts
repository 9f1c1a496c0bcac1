import type { Context } from 'hono';
import type * as z from 'zod';
import type { Api } from './api.ts';
import { cleanJson } from './clean-json.ts';
import { HttpError, invalid } from './http-error.ts';
import { parse } from './parse.ts';

const megabytes = 10;
const maxBytes = megabytes * 1024 * 1024;

/** The rest of the body is not read, so the connection cannot carry another request. */
const tooLarge = (): HttpError =>
  new HttpError(413, 'body_too_large', `The body is larger than ${megabytes} MB.`, {
    headers: { Connection: 'close' },
  });

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge();
    kept.push(chunk);
  }
  return Buffer.concat(kept);
};

/** A declared length is enforced by HTTP itself; without one the bytes are counted as they come. */
const bytesOf = async (c: Context<Api>): Promise<Uint8Array> => {
  const declared = c.req.header('content-length');
  if (declared === undefined) return c.req.raw.body ? collect(c.req.raw.body) : new Uint8Array();
  if (Number(declared) > maxBytes) throw tooLarge();
  return new Uint8Array(await c.req.arrayBuffer());
};

const readBytes = async (c: Context<Api>): Promise<Uint8Array> => {
  try {
    return await bytesOf(c);
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
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, 'invalid_json', 'The body is not valid JSON.');
  }
};

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const read = async <S extends z.ZodType>(
  c: Context<Api>,
  schema: S,
  whenEmpty: () => object,
): Promise<z.output<S>> => {
  const text = textOf(await readBytes(c));
  const body = text.trim() === '' ? whenEmpty() : cleanJson(jsonOf(text));
  if (!isObject(body)) throw invalid('', 'The body must be a JSON object.');
  return parse(schema, body);
};

/**
 * The body, whatever its content type says, parsed by `schema`.
 * @throws HttpError 400 or 413
 */
export const readBody = <S extends z.ZodType>(c: Context<Api>, schema: S): Promise<z.output<S>> =>
  read(c, schema, () => {
    throw new HttpError(400, 'invalid_json', 'The body is empty; a JSON object is expected.');
  });

/** The same where no body at all says as much as `{}`. */
export const readOptionalBody = <S extends z.ZodType>(
  c: Context<Api>,
  schema: S,
): Promise<z.output<S>> => read(c, schema, () => ({}));
