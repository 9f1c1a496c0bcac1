import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'hono';
import { digestOf } from '../../shared/domain/digest.ts';
import type { ApiEnv } from '../api/http/api-env.ts';
import { matchesTag } from '../api/http/entity-tag.ts';
import { errorResponse, HttpError } from '../api/http/http-error.ts';
import { type ConsoleFile, consoleFiles } from './bundle.ts';

/**
 * Scripts, styles and requests of this service alone; no inline code, no frames. Trusted Types without a policy make browsers refuse
 * every text that would be parsed as HTML.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const pageHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // A copy is asked for again each time, and answered with 304 while it is current.
  'Cache-Control': 'no-cache',
  Vary: 'Accept-Encoding',
};

const compress = promisify(gzip);

/** Adds the entity tag and the compressed form to a file. */
const prepared = async ({ name, type, text }: ConsoleFile) => ({
  name,
  type,
  text,
  tag: `"${digestOf(text)}"`,
  zipped: new Uint8Array(await compress(text, { level: 9 })),
});

const loadAll = async () => Promise.all((await consoleFiles()).map(prepared));
let loading: ReturnType<typeof loadAll> | undefined;

/** Loads the files once; after a failure the next request tries again. */
const load = (): ReturnType<typeof loadAll> => {
  loading ??= loadAll().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
};

const links = { console: '/console', openapi: '/openapi.json', health: '/v1/health' };

/** `GET /`: people are sent to the console, programs get links. */
const start = (c: Context<ApiEnv>): Response => {
  c.header('Vary', 'Accept');
  const isBrowser = c.req.header('accept')?.includes('text/html') ?? false;
  return isBrowser ? c.redirect('/console', 302) : c.json({ name: 'Turnstone', links });
};

/** Answers a request for the start page, for the console or for one of its files. */
export const serve = async (c: Context<ApiEnv>): Promise<Response> => {
  if (c.req.path === '/') return start(c);
  const asked = c.req.param('file') ?? 'index.html';
  const file = (await load()).find(({ name }) => name === asked);
  if (!file) return errorResponse(c, new HttpError(404, 'not_found', 'There is no such file.'));
  const headers = { ...pageHeaders, ETag: file.tag };
  if (matchesTag(c.req.header('if-none-match'), file.tag)) return c.body(null, 304, headers);
  const described = { ...headers, 'Content-Type': file.type };
  const isZipped = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
  return isZipped
    ? c.body(file.zipped, 200, { ...described, 'Content-Encoding': 'gzip' })
    : c.body(file.text, 200, described);
};
