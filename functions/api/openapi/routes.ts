import * as z from 'zod';
import { digestOf } from '../../../shared/domain/digest.ts';
import { matchesTag } from '../http/entity-tag.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from './describe.ts';

/** Seconds for which a client may use its copy without asking again. */
const maxAge = 300;

/** Loads the document on first use: it is a file of its own, which a cold start does not read. */
const load = async () => {
  const { default: document } = await import('./openapi.json', { with: { type: 'json' } });
  const text = JSON.stringify(document);
  return { text, etag: `"${digestOf(text)}"` };
};

/** `GET /openapi.json`: the OpenAPI document, the same everywhere. `npm run openapi` writes it. */
export const openApiRoutes = () => {
  let loading: ReturnType<typeof load> | undefined;
  const routes = createRoutes('Service');

  routes.get('/openapi.json', {
    permission: 'public',
    openapi: describe(() => ({
      operationId: 'getOpenApiDocument',
      summary: 'Get this document',
      description: 'With `ETag`; answers 304 to `If-None-Match` while it has not changed.',
      responses: { 200: z.looseObject({ openapi: z.string() }) },
      example: {},
    })),
    handler: async (c) => {
      loading ??= load();
      const { text, etag } = await loading;
      const headers = { ETag: etag, 'Cache-Control': `public, max-age=${maxAge}` };
      if (matchesTag(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers);
      return c.body(text, 200, { ...headers, 'Content-Type': 'application/json' });
    },
  });

  return routes.all;
};
