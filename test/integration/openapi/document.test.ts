import { join } from 'node:path';
import { validate } from '@readme/openapi-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { mapNodes } from '../../../functions/api/openapi/components.ts';
import { openService, type TestService } from '../../support/in-memory-service.ts';
import {
  currentDocument,
  documentFile,
  routesOfDocument,
  servedDocument,
} from '../../support/openapi/document.ts';
import { filesOf, readSource, root } from '../../support/repository.ts';

const document = servedDocument();
const documented = routesOfDocument(document);

let service: TestService;
beforeAll(async () => {
  service = await openService({ refines: false });
});
afterAll(() => service.close());

const get = (headers: { [name: string]: string } = {}) =>
  service.app.request('http://service.test/openapi.json', { headers });

/** Properties of request bodies that have no description. */
const undescribed = (schema: unknown): string[] => {
  const names: string[] = [];
  mapNodes(schema, (node) => {
    for (const [name, property] of Object.entries(node['properties'] ?? {}))
      if (!('description' in property || '$ref' in property)) names.push(name);
    return node;
  });
  return names;
};

/** Codes of the errors in a part of the document. */
const codesIn = (part: unknown): Set<string> => {
  const Codes = z
    .object({ enum: z.array(z.string()) })
    .optional()
    .catch(undefined);
  // A surface with numbers as codes has the code of the service under `reason`.
  const schema = z.object({ code: Codes, reason: Codes });
  const codes = new Set<string>();
  mapNodes(part, (node) => {
    const { data } = schema.safeParse(node['properties']);
    for (const code of [data?.code, data?.reason].flatMap((one) => one?.enum ?? []))
      codes.add(code);
    return node;
  });
  return codes;
};

describe('the OpenAPI document', () => {
  // When this fails: npm run openapi
  it('the document is the one that the routes make', async () => {
    expect(document).toEqual(await currentDocument());
  });

  it('a validator of OpenAPI 3.1 finds no error', async () => {
    const result = await validate(join(root, documentFile));

    expect(result).toMatchObject({ valid: true, warnings: [] });
  });

  it('the router has exactly the operations of the document', () => {
    const routed = service.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')}`);

    const operations = documented.map(({ method, path }) => `${method.toUpperCase()} ${path}`);

    expect(operations.toSorted()).toEqual([...new Set(routed)].toSorted());
    expect(operations.length).toBeGreaterThan(45);
  });

  it('each operation has a name of its own', () => {
    const names = documented.map(({ operation }) => operation.operationId);

    expect(new Set(names).size).toBe(names.length);
  });

  it('each parameter and each field of a body has a description', () => {
    const bare = documented.flatMap(({ operation: { operationId, parameters, requestBody } }) => {
      const schema = requestBody?.content['application/json'].schema;
      const names = parameters.filter((one) => !('description' in one)).map(({ name }) => name);
      return [...names, ...undescribed(schema)].map((name) => `${operationId}: ${name}`);
    });

    expect(bare).toEqual([]);
  });

  it('each parameter that is required, and each body, has an example', () => {
    const bare = documented.flatMap(({ operation: { operationId, parameters, requestBody } }) => {
      const names = parameters
        .filter((one) => one['required'] === true && one.example === undefined)
        .map(({ name }) => name);
      const body = requestBody?.content['application/json'];
      return [...names, ...(body && !('example' in body) ? ['body'] : [])].map(
        (name) => `${operationId}: ${name}`,
      );
    });

    expect(bare).toEqual([]);
  });

  it('each code of an error in the sources is one of the document', () => {
    const codes = filesOf('functions/api/**/*.ts').flatMap((path) =>
      [...readSource(path).matchAll(/(?:HttpError|fieldError)\(\s*(?:\d+,\s*)?'(\w+)'/g)].map(
        ([, code = '']) => code,
      ),
    );

    const listed = codesIn(document);

    expect(codes.length).toBeGreaterThan(20);
    // Codes of no route: a path or a method that does not exist.
    expect([...new Set(codes)].filter((code) => !listed.has(code)).toSorted()).toEqual([
      'method_not_allowed',
      'not_found',
    ]);
  });
});

describe('GET /openapi.json', () => {
  it('the document is served without a key, and clients may cache it', async () => {
    const response = await get();

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it.each([
    ['the tag', (tag: string) => tag],
    ['a weak form of the tag', (tag: string) => `W/${tag}`],
    ['a list with the tag', (tag: string) => `"other", ${tag}`],
    ['*', () => '*'],
  ])('a client that has the document by %s is answered 304 without a body', async (_, header) => {
    const tag = (await get()).headers.get('etag') ?? '';

    const response = await get({ 'if-none-match': header(tag) });

    expect(response.status).toBe(304);
    expect(response.headers.get('etag')).toBe(tag);
    expect(await response.text()).toBe('');
  });

  it('a client that has another document gets this one', async () => {
    const response = await get({ 'if-none-match': '"other"' });

    expect(response.status).toBe(200);
  });
});
