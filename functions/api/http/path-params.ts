import type { Context } from 'hono';
import { isUuid } from '../../../shared/domain/ids.ts';
import { isDerivedId } from '../../../shared/domain/memory/derived-ids.ts';
import type { ApiEnv } from './api-env.ts';
import { HttpError } from './http-error.ts';

/**
 * Returns the UUID `:id` of the path in lower case.
 * @param name name of the id in the error
 * @throws HttpError 400 if the id is not a UUID
 */
export const uuidParam = (c: Context<ApiEnv>, name: string): string => {
  const id = c.req.param('id') ?? '';
  if (isUuid(id)) return id.toLowerCase();
  throw new HttpError(400, 'invalid_id', `${name} should be a valid UUID`, { field: name });
};

/**
 * Returns the id of a memory, a message or a closed version in the path, in lower case.
 * @throws HttpError 400 for anything else
 */
export const memoryIdParam = (c: Context<ApiEnv>): string => {
  const id = (c.req.param('id') ?? '').toLowerCase();
  return isDerivedId(id) ? id : uuidParam(c, 'memory_id');
};

/** Prefixes of the other ids in paths; 32 hexadecimal digits follow. */
type Prefix = 'whe' | 'rcv';

const forms: { readonly [prefix in Prefix]: RegExp } = {
  whe: /^whe_[0-9a-f]{32}$/,
  rcv: /^rcv_[0-9a-f]{32}$/,
};

export const isIdOf = (prefix: Prefix, text: string): boolean => forms[prefix].test(text);

/**
 * Returns a prefixed id of the path. Text of another form is never looked up in the store, whose keys have a limited length.
 * @throws HttpError the error for an unknown id
 */
export const idParam = (
  c: Context<ApiEnv>,
  prefix: Prefix,
  notFound: () => HttpError,
  name = 'id',
): string => {
  const id = c.req.param(name) ?? '';
  if (!isIdOf(prefix, id)) throw notFound();
  return id;
};
