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
