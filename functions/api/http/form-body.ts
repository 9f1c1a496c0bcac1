import type { Context } from 'hono';
import type * as z from 'zod';
import type { ApiEnv } from './api-env.ts';
import { HttpError } from './http-error.ts';
import { readBodyWithFiles, readBytes } from './json-body.ts';
import { parse } from './parse.ts';
import { sanitizeJson } from './sanitize-json.ts';

/** Parts of a form. */
const maxParts = 100;

const isForm = (type: string): boolean => /^multipart\/form-data\b/i.test(type.trim());

/** Counts the parts of a form, up to one above the limit: a form of very many parts would block the process. */
const countParts = (bytes: Uint8Array, type: string): number => {
  const [, quoted, plain] = /boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))/i.exec(type) ?? [];
  const boundary = Buffer.from(`--${quoted ?? plain ?? ''}`);
  const form = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let parts = 0;
  for (let at = form.indexOf(boundary); at >= 0 && parts <= maxParts + 1; parts += 1)
    at = form.indexOf(boundary, at + boundary.length);
  return parts - 1;
};

const formOf = async (bytes: Uint8Array, type: string): Promise<FormData> => {
  if (countParts(bytes, type) > maxParts)
    throw new HttpError(400, 'invalid_form', `The form must not have more than ${maxParts} parts.`);
  try {
    return await new Response(Buffer.from(bytes), { headers: { 'content-type': type } }).formData();
  } catch {
    throw new HttpError(400, 'invalid_form', 'The body is not a valid multipart/form-data form.');
  }
};

/** A file of a form, in the place of an object of a JSON body. */
const fileIn = async (file: File) => ({
  content: new Uint8Array(await file.arrayBuffer()),
  name: file.name,
  mediaType: file.type,
});

/** Converts a form: texts by their names, files as a list under `file`. */
const bodyOf = async (form: FormData): Promise<{ [field: string]: unknown }> => {
  const texts: { [field: string]: unknown } = {};
  const files: File[] = [];
  for (const [name, value] of form)
    if (typeof value === 'string') texts[name] = value;
    else files.push(value);
  sanitizeJson(texts);
  return files.length === 0 ? texts : { ...texts, file: await Promise.all(files.map(fileIn)) };
};

/**
 * Reads a body with files, as a JSON object or as a form (multipart/form-data).
 * @throws HttpError 400 or 413
 */
export const readFormBody = async <S extends z.ZodType>(
  c: Context<ApiEnv>,
  schema: S,
): Promise<z.output<S>> => {
  const type = c.req.header('content-type') ?? '';
  if (!isForm(type)) return readBodyWithFiles(c, schema);
  const bytes = await readBytes(c, c.get('attachedBodyBytes'));
  return parse(schema, await bodyOf(await formOf(bytes, type)));
};
