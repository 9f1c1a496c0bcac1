import type { Context, Hono } from 'hono';
import type { ApiEnv } from '../api/http/api-env.ts';

/**
 * Mounts the console and the start page. The first request for one of them loads the code and the files, so that the API starts
 * without them.
 */
export const mountConsole = (app: Hono<ApiEnv>): void => {
  const lazily = async (c: Context<ApiEnv>) => (await import('./serve.ts')).serve(c);
  app.get('/', lazily);
  app.get('/console', lazily);
  app.get('/console/:file', lazily);
};
