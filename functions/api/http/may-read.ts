import type { Context } from 'hono';
import type { Permission } from '../../../shared/domain/project.ts';
import type { ApiEnv } from './api-env.ts';

const has = (c: Context<ApiEnv>, permission: Permission): boolean =>
  c.get('principal').permissions.includes(permission);

/** Whether an answer may hold what the service knows. Without it a write answers with ids and outcomes alone. */
export const mayRead = (c: Context<ApiEnv>): boolean => has(c, 'read');

/** Whether an answer may hold what a webhook is authorized by: tokens of its URL, and what its receiver answered. */
export const maySeeSecrets = (c: Context<ApiEnv>): boolean => has(c, 'read') && has(c, 'write');

/** The fields of a body that only name a thing and say how it stands. */
export const receiptOf = <T extends object, K extends keyof T>(
  body: T,
  fields: readonly K[],
): Partial<Pick<T, K>> => {
  const kept: Partial<Pick<T, K>> = {};
  for (const field of fields) kept[field] = body[field];
  return kept;
};
