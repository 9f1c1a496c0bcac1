import type { Context } from 'hono';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { pacedJson } from '../http/paced-json.ts';

/** Answers with `data` in the envelope of this surface. */
export const success = (c: Context<ApiEnv>, data: object): Response =>
  c.json({ code: 0, data, message: 'ok' });

/** Answers with large lists; serialization yields to the event loop. */
export const successPaced = (
  c: Context<ApiEnv>,
  platform: Pick<Platform, 'clock'>,
  data: object,
): Promise<Response> => pacedJson(c, platform, { code: 0, data, message: 'ok' });
