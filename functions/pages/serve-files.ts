import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'hono';
import { digestOf } from '../../shared/domain/digest.ts';
import type { ApiEnv } from '../api/http/api-env.ts';
import { matchesTag } from '../api/http/entity-tag.ts';
import { errorResponse, HttpError } from '../api/http/http-error.ts';

/** File of the pages for people, as it is served. */
export interface ServedFile {
  name: string;
  /** Value of the header `Content-Type`. */
  type: string;
  text: string;
}

const compress = promisify(gzip);

/** Adds the entity tag and the compressed form to a file. */
const prepared = async ({ name, type, text }: ServedFile) => ({
  name,
  type,
  text,
  tag: `"${digestOf(text)}"`,
  zipped: new Uint8Array(await compress(text, { level: 9 })),
});

/**
 * Serves files that are made at the first request, and again after a failure.
 * @param make makes all files
 * @param contentSecurityPolicy policy of each file
 */
export const createFileServer = (
  make: () => Promise<readonly ServedFile[]>,
  contentSecurityPolicy: string,
) => {
  const pageHeaders = {
    'Content-Security-Policy': contentSecurityPolicy,
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // A copy is asked for again each time, and answered with 304 while it is current.
    'Cache-Control': 'no-cache',
    Vary: 'Accept-Encoding',
  };
  const loadAll = async () => Promise.all((await make()).map(prepared));
  let loading: ReturnType<typeof loadAll> | undefined;
  const load = (): ReturnType<typeof loadAll> => {
    loading ??= loadAll().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };

  return async (c: Context<ApiEnv>, asked: string): Promise<Response> => {
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
};
