import type { MiddlewareHandler } from 'hono';
import type { Authenticate } from '../../shared/core/api-keys.ts';
import type { Permission } from '../../shared/domain/project.ts';
import type { Api } from './edge/api.ts';
import { HttpError } from './edge/http-error.ts';

/** Lets only those pass who may do that; without a permission, whoever has a key. */
export type Guard = (permission?: Permission) => MiddlewareHandler<Api>;

const unauthorized = (sentence: string): HttpError =>
  new HttpError(401, 'unauthorized', sentence, { headers: { 'WWW-Authenticate': 'Bearer' } });

const keyOf = (authorization: string | undefined): string => {
  if (authorization === undefined)
    throw unauthorized(
      'Authentication credentials were not provided: send Authorization: Token <key>.',
    );
  const [, key] = /^(?:token|bearer)\s+(\S+)\s*$/i.exec(authorization) ?? [];
  if (key === undefined)
    throw unauthorized('The Authorization header must be "Token <key>" or "Bearer <key>".');
  return key;
};

export const createGuard =
  (authenticate: Authenticate): Guard =>
  (permission) =>
  async (c, next) => {
    const principal = await authenticate(keyOf(c.req.header('authorization')));
    if (!principal) throw unauthorized('Invalid API key.');
    if (permission && !principal.permissions.includes(permission))
      throw new HttpError(403, 'forbidden', `This API key has no ${permission} permission.`);
    c.set('principal', principal);
    await next();
  };
