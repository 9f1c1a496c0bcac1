import type { Context } from 'hono';
import type * as z from 'zod';
import type { ApiEnv } from './api-env.ts';
import { HttpError } from './http-error.ts';
import { readBodyWithFiles, readBytes } from './json-body.ts';
import { parse } from './parse.ts';
import { sanitizeJson } from './sanitize-json.ts';

/** Bounds of a form: beyond them the parser would block the process. */
const maxParts = 40;
const maxHeaderBytes = 2_000;
const maxHeadersBytes = 20_000;
const maxTextBytes = 64_000;

const isForm = (type: string): boolean => /^multipart\/form-data\b/i.test(type.trim());

const invalidForm = (message: string): HttpError => new HttpError(400, 'invalid_form', message);

const boundaryCharacters = "[\\w'()+,./:=?-]{1,70}";
const formType = new RegExp(
  `^multipart/form-data\\s*;\\s*boundary=(?:"(${boundaryCharacters})"|(${boundaryCharacters}))\\s*;?$`,
  'i',
);

/**
 * Returns the boundary of a form.
 * @throws HttpError 400 for a type whose parameters are not one boundary of the characters of RFC 2046, section 5.1.1
 */
const boundaryOf = (type: string): string => {
  const [, quoted, plain] = formType.exec(type.trim()) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined)
    throw invalidForm('The content type of the form must have a boundary and nothing else.');
  return boundary;
};

/**
 * Checks the parts of a form by its boundaries alone, in one pass.
 * @throws HttpError 400 for too many parts, a long head of a part, or a long text
 */
const checkParts = (form: Buffer, boundary: string): void => {
  const delimiter = Buffer.from(`--${boundary}`);
  let at = form.indexOf(delimiter);
  let headBytes = 0;
  for (let parts = 0; at >= 0; parts += 1) {
    if (parts > maxParts) throw invalidForm(`The form must not have more than ${maxParts} parts.`);
    const start = at + delimiter.length;
    at = form.indexOf(delimiter, start);
    headBytes += checkPart(form.subarray(start, at < 0 ? form.length : at));
    if (headBytes > maxHeadersBytes)
      throw invalidForm(`The heads of all parts must be at most ${maxHeadersBytes} bytes long.`);
  }
};

/**
 * Checks one part and returns the bytes of its head.
 * @throws HttpError 400
 */
const checkPart = (part: Buffer): number => {
  const start = part.subarray(0, maxHeaderBytes).toString('latin1');
  const end = start.indexOf('\r\n\r\n');
  if (end < 0 && part.length > maxHeaderBytes)
    throw invalidForm(`The head of a part must be at most ${maxHeaderBytes} bytes long.`);
  const head = start.slice(0, Math.max(0, end));
  const isFile = /\bfilename\*?=/i.test(head);
  if (!isFile && part.length > maxHeaderBytes + maxTextBytes)
    throw invalidForm(`A text of the form must be at most ${maxTextBytes} bytes long.`);
  return head.length;
};

const formOf = async (bytes: Uint8Array, type: string): Promise<FormData> => {
  const form = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boundary = boundaryOf(type);
  checkParts(form, boundary);
  const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` };
  try {
    return await new Response(form, { headers }).formData();
  } catch {
    throw invalidForm('The body is not a valid multipart/form-data form.');
  }
};

/** A file of a form, in the place of an object of a JSON body. */
const fileIn = async (file: File) => ({
  ...describedBy(file),
  content: new Uint8Array(await file.arrayBuffer()),
});

const describedBy = ({ name, type }: File) => ({ name, mediaType: type });

/** Converts a form: texts by their names, files as a list under `file`. */
const bodyOf = async (form: FormData): Promise<{ [field: string]: unknown }> => {
  const texts: { [field: string]: unknown } = {};
  const files: File[] = [];
  for (const [name, value] of form)
    if (typeof value === 'string') texts[name] = value;
    else files.push(value);
  sanitizeJson(texts);
  sanitizeJson({ file: files.map(describedBy) });
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
