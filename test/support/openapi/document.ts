import * as z from 'zod';
import { apiRoutes } from '../../../functions/api/app.ts';
import { openApiDocument } from '../../../functions/api/openapi/document.ts';
import { createAuthenticator } from '../../../shared/core/projects/api-keys.ts';
import { createLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import { createLocalPlatform } from '../../../shared/platform/local.ts';
import { readSource } from '../repository.ts';

const Parameter = z.looseObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  example: z.string().optional(),
});

const Media = z.object({ schema: z.looseObject({}), example: z.unknown().optional() });
const Content = z.object({ 'application/json': Media });
/** By media type: an export is no JSON. */
const ResponseContent = z.record(z.string(), Media);

const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  description: z.string(),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(Parameter).optional(),
  requestBody: z.looseObject({ content: Content }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: ResponseContent.optional() })),
});

const Document = z.looseObject({
  info: z.looseObject({ version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  webhooks: z.record(
    z.string(),
    z.object({ post: z.looseObject({ requestBody: z.looseObject({ content: Content }) }) }),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});
export type Document = z.output<typeof Document>;

/** Operation of the document with its place there. */
export interface DocumentedRoute {
  method: string;
  /** Path of the document, such as `/v1/events/{id}`. */
  path: string;
  operation: z.output<typeof Operation> & { parameters: z.output<typeof Parameter>[] };
}

export const documentFile = 'functions/api/openapi/openapi.json';

/** The document as it is served. */
export const servedDocument = (): Document => Document.parse(JSON.parse(readSource(documentFile)));

/** The document as the sources make it. */
export const currentDocument = async (): Promise<unknown> => {
  const platform = createLocalPlatform({ path: ':memory:' });
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readSource('package.json')));
  const routes = apiRoutes(
    { ...platform, limiterStore: createLimiterStore(platform) },
    { authenticate: createAuthenticator(platform), version },
  );
  await platform.close();
  return openApiDocument(routes, version);
};

export const routesOfDocument = ({ paths }: Document): DocumentedRoute[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method,
      path,
      operation: { ...operation, parameters: operation.parameters ?? [] },
    })),
  );
