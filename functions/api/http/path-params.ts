import type { Context } from 'hono';
import { isUuid } from '../../../shared/domain/ids.ts';
import type { ApiEnv } from './api-env.ts';
import { HttpError } from './http-error.ts';

/** The path's `:id`, in lower case; 400 when it is no UUID. `name` is what the caller knows it as. */
export const uuidParam = (c: Context<ApiEnv>, name: string): string => {
  const id = c.req.param('id') ?? '';
  if (isUuid(id)) return id.toLowerCase();
  throw new HttpError(400, 'invalid_id', `${name} should be a valid UUID`, { field: name });
};

/** Prefixes of the ids that stand in paths; 32 hexadecimal digits follow. */
type Prefix = 'whe' | 'rcv';

const forms: { readonly [prefix in Prefix]: RegExp } = {
  whe: /^whe_[0-9a-f]{32}$/,
  rcv: /^rcv_[0-9a-f]{32}$/,
};

export const isIdOf = (prefix: Prefix, text: string): boolean => forms[prefix].test(text);

/**
 * An id of the path, in the form that such ids have: no other text is looked for in the store, whose keys have limits.
 * @throws HttpError the same as for an id that nothing has
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
