import type { Context } from 'hono';
import type { Permission } from '../../../shared/domain/project.ts';
import type { ApiEnv } from './api-env.ts';

const has = (c: Context<ApiEnv>, permission: Permission): boolean =>
  c.get('principal').permissions.includes(permission);

/** True if the key may see stored data. Without that permission, the response to a write has only ids and outcomes. */
export const mayRead = (c: Context<ApiEnv>): boolean => has(c, 'read');

/** True if the key may see credentials of webhooks: tokens in their URLs, and responses of receivers. */
export const maySeeSecrets = (c: Context<ApiEnv>): boolean => has(c, 'read') && has(c, 'write');

/** Reduces a body to the fields with ids and states. */
export const receiptOf = <T extends object, K extends keyof T>(
  body: T,
  fields: readonly K[],
): Partial<Pick<T, K>> => {
  const picked: Partial<Pick<T, K>> = {};
  for (const field of fields) picked[field] = body[field];
  return picked;
};
