import type { Context, MiddlewareHandler } from 'hono';
import type { Authenticate } from '../../shared/core/projects/api-keys.ts';
import type { Permission, Principal } from '../../shared/domain/project.ts';
import { unitsOfRequest, type Work } from './access/cost-units.ts';
import type { RateLimits } from './access/rate-limits.ts';
import type { WrongKeyLimit } from './access/wrong-key-limit.ts';
import type { ApiEnv } from './http/api-env.ts';
import { HttpError } from './http/http-error.ts';

/**
 * Builds middleware that authenticates and authorizes a request and charges its cost units. The key must be valid, have
 * all the given permissions, and be within its rate limit.
 * @param work cost class of the request; by default `change` for the permission to write, otherwise `get`
 */
export type Guard = (
  permission?: Permission | readonly Permission[],
  work?: Work,
) => MiddlewareHandler<ApiEnv>;

export interface GuardOptions {
  authenticate: Authenticate;
  limits: RateLimits | undefined;
  wrongKeyLimit: WrongKeyLimit | undefined;
  /** Returns the address that invalid keys are counted by. */
  addressOf(c: Context<ApiEnv>): string | undefined;
}

const unauthorized = (sentence: string): HttpError =>
  new HttpError(401, 'unauthorized', sentence, { headers: { 'WWW-Authenticate': 'Bearer' } });

export const invalidKey = (): HttpError => unauthorized('Invalid API key.');

const parseKey = (authorization: string | undefined): string => {
  if (authorization === undefined)
    throw unauthorized(
      'Authentication credentials were not provided: send Authorization: Token <key>.',
    );
  const [, key] = /^(?:token|bearer)\s+(\S+)\s*$/i.exec(authorization) ?? [];
  if (key === undefined)
    throw unauthorized('The Authorization header must be "Token <key>" or "Bearer <key>".');
  return key;
};

/** Checks of the callers of an app. */
export interface Access {
  guard: Guard;
  /** Whether a request has a valid key, for what precedes the guard. The key is checked once a request. */
  isAuthenticated(c: Context<ApiEnv>): Promise<boolean>;
}

export const createAccess = ({
  authenticate,
  limits,
  wrongKeyLimit,
  addressOf,
}: GuardOptions): Access => {
  const principals = new WeakMap<Context<ApiEnv>, Promise<Principal>>();

  /** Valid keys that are cached pass even if other callers at the same address send invalid keys. */
  const authenticateRequest = async (c: Context<ApiEnv>): Promise<Principal> => {
    const key = parseKey(c.req.header('authorization'));
    const address = wrongKeyLimit && addressOf(c);
    const check = address === undefined ? undefined : () => wrongKeyLimit?.check(address);
    const principal = await authenticate(key, check);
    if (principal) return principal;
    if (address !== undefined) wrongKeyLimit?.record(address);
    throw invalidKey();
  };

  const principalOf = (c: Context<ApiEnv>): Promise<Principal> => {
    const principal = principals.get(c) ?? authenticateRequest(c);
    principals.set(c, principal);
    return principal;
  };

  const charge = (c: Context<ApiEnv>, principal: Principal, units: number): void => {
    const before = c.get('units') ?? 0;
    limits?.take(principal, units, before);
    c.set('units', before + units);
    const state = limits?.state(principal);
    // An answer that is streamed is charged while it is under way, after its headers.
    if (state !== undefined && !c.finalized) c.header('RateLimit', state);
  };

  const guard: Guard = (permission = [], work) => {
    const permissions = [permission].flat();
    const charged = work ?? (permissions.includes('write') ? 'change' : 'get');
    return async (c, next) => {
      const principal = await principalOf(c);
      c.set('principal', principal);
      c.set('work', charged);
      charge(
        c,
        principal,
        unitsOfRequest(charged, (name) => c.req.header(name)),
      );
      const missing = permissions.find((one) => !principal.permissions.includes(one));
      if (missing)
        throw new HttpError(403, 'forbidden', `This API key has no ${missing} permission.`);
      c.set('charge', (units) => charge(c, principal, units));
      await next();
    };
  };

  return {
    guard,
    isAuthenticated: (c) =>
      principalOf(c).then(
        () => true,
        () => false,
      ),
  };
};
