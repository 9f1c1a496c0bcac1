import type { Context } from 'hono';
import type { ApiEnv } from '../../http/api-env.ts';
import { idParam } from '../../http/path-params.ts';
import { endpointNotFound, recoveryNotFound } from './errors.ts';

/** Returns the id of `/v1/endpoints/:id`. */
export const endpointParam = (c: Context<ApiEnv>): string => idParam(c, 'whe', endpointNotFound);

/** Returns the ids of `/v1/endpoints/:id/recover/:recovery`. */
export const recoveryParams = (c: Context<ApiEnv>): { id: string; recovery: string } => ({
  id: idParam(c, 'whe', recoveryNotFound),
  recovery: idParam(c, 'rcv', recoveryNotFound, 'recovery'),
});
