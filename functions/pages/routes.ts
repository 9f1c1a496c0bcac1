import type { Context, Hono } from 'hono';
import type { ApiEnv } from '../api/http/api-env.ts';

const paths = ['/', '/console', '/console/:file', '/docs', '/docs/:file', '/llms.txt'];

/**
 * Mounts the pages for people: the start page, the console and the documentation. The first request for one of them loads the code and
 * the files, so that the API starts without them.
 */
export const mountPages = (app: Hono<ApiEnv>): void => {
  for (const path of paths)
    app.get(path, async (c: Context<ApiEnv>) => (await import('./serve.ts')).serve(c));
};
