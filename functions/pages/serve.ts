import type { Context } from 'hono';
import type { ApiEnv } from '../api/http/api-env.ts';
import { createFileServer } from './serve-files.ts';

/** Nothing but what is named; no inline code, no frames. */
const base = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/**
 * Scripts and requests of this service alone. Trusted Types without a policy make browsers refuse every text that would be parsed as
 * HTML.
 */
const consolePolicy = [
  ...base,
  "script-src 'self'",
  "connect-src 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const serveConsole = createFileServer(
  async () => (await import('../console/bundle.ts')).consoleFiles(),
  consolePolicy,
);
/** Pages of the documentation have no script. */
const serveDocs = createFileServer(
  async () => (await import('../docs/site/build.ts')).docsFiles(),
  base.join('; '),
);

const links = {
  console: '/console',
  docs: '/docs',
  openapi: '/openapi.json',
  health: '/v1/health',
};

/** `GET /`: people are sent to the console, programs get links. */
const start = (c: Context<ApiEnv>): Response => {
  c.header('Vary', 'Accept');
  const isBrowser = c.req.header('accept')?.includes('text/html') ?? false;
  return isBrowser ? c.redirect('/console', 302) : c.json({ name: 'Turnstone', links });
};

/** Answers a request for the start page, for the console, for the documentation, or for one of their files. */
export const serve = async (c: Context<ApiEnv>): Promise<Response> => {
  const { path } = c.req;
  if (path === '/') return start(c);
  if (path.startsWith('/llms.txt')) return serveDocs(c, 'llms.txt');
  const file = c.req.param('file') ?? 'index.html';
  return path.startsWith('/docs') ? serveDocs(c, file) : serveConsole(c, file);
};
