import type { Context } from 'hono';
import type { ApiEnv } from '../../edge/api.ts';
import { idParam } from '../../edge/id-param.ts';
import { endpointNotFound, recoveryNotFound } from './refusals.ts';

/** `/v1/endpoints/:id`. */
export const endpointParam = (c: Context<ApiEnv>): string => idParam(c, 'whe', endpointNotFound);

/** `/v1/endpoints/:id/recover/:recovery`. */
export const recoveryParams = (c: Context<ApiEnv>): { id: string; recovery: string } => ({
  id: idParam(c, 'whe', recoveryNotFound),
  recovery: idParam(c, 'rcv', recoveryNotFound, 'recovery'),
});
