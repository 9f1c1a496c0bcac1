import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Client } from '../../support/in-memory-service.ts';
import {
  type DocumentedRoute,
  routesOfDocument,
  servedDocument,
} from '../../support/openapi/document.ts';
import { addFacts, exampleRequest } from '../../support/openapi/examples.ts';
import { createSchemaCheck } from '../../support/openapi/schema-check.ts';
import { type Planted, plant } from '../../support/planted-service.ts';

const document = servedDocument();
const check = createSchemaCheck(document);
// Deletions come last, so that the other examples find their data.
const routes = routesOfDocument(document).toSorted(
  (a, b) => Number(a.method === 'delete') - Number(b.method === 'delete'),
);
const cases = routes.map((route): [string, DocumentedRoute] => [
  route.operation.operationId,
  route,
]);

let service: Planted;
beforeAll(async () => {
  service = await plant();
  await addFacts(service);
});
afterAll(() => service.close());

/** Place of the schema in a response. */
const schemaIn = (content: object = {}): string[] => [
  'content',
  Object.keys(content)[0] ?? 'application/json',
  'schema',
];

/** Place of the schema of a response; shared responses are components. */
const schemaOf = ({ method, path, operation }: DocumentedRoute, status: string): string[] => {
  const reference = operation.responses[status]?.['$ref'];
  const place =
    typeof reference === 'string'
      ? reference.slice(2).split('/')
      : ['paths', path, method, 'responses', status];
  return [...place, ...schemaIn(operation.responses[status]?.content)];
};

/** Errors of an answer against the response schema of its status. */
const errorsOf = (route: DocumentedRoute, { status, body }: Answer): string[] =>
  String(status) in route.operation.responses
    ? check.errors(schemaOf(route, String(status)), body)
    : [`${status} is no response of ${route.operation.operationId}: ${JSON.stringify(body)}`];

const send = async (client: Client, route: DocumentedRoute): Promise<Answer> => {
  const { request, call } = await exampleRequest(route, service);
  return client(request, call);
};

/** Lists of an answer: the answer itself, or its results. */
const isEmptyList = ({ body }: Answer): boolean => {
  const list = Array.isArray(body) ? body : body.results;
  return Array.isArray(list) && list.length === 0;
};

describe('the examples of the document', () => {
  it.each(cases)(
    'the answer of %s to a key that only writes has a documented form',
    async (_, route) => {
      const client = await service.clientOf('default', ['write']);

      const answer = await send(client, route);

      expect(errorsOf(route, answer)).toEqual([]);
    },
  );

  it.each(cases)(
    'the example of %s succeeds, and its answer has the documented form',
    async (_, route) => {
      const client = await service.clientOf('default', ['read', 'write', 'admin']);

      const answer = await send(client, route);

      expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
      expect(errorsOf(route, answer)).toEqual([]);
      // A schema of entries proves nothing on an empty list.
      if (/^(list|search|getMemoryHistory)/.test(route.operation.operationId))
        expect(isEmptyList(answer)).toBe(false);
    },
  );

  it.each(cases.filter(([, { operation }]) => operation.requestBody))(
    'the body of the example of %s has only documented fields',
    (_, { method, path, operation }) => {
      const body = operation.requestBody?.content['application/json'].example;

      const errors = check.errors(['paths', path, method, 'requestBody', ...schemaIn()], body);

      expect(errors).toEqual([]);
    },
  );
});

describe('the errors of the document', () => {
  it.each(cases.filter(([, { operation }]) => operation.security === undefined))(
    '%s refuses a request without a key as documented',
    async (_, route) => {
      const answer = await send(service.send, route);

      expect(answer.status).toBe(401);
      expect(errorsOf(route, answer)).toEqual([]);
    },
  );

  it.each(cases.filter(([, { path }]) => path.includes('{')))(
    '%s refuses an id of another form as documented',
    async (_, route) => {
      const client = await service.clientOf('default', ['read', 'write', 'admin']);
      const { request, call } = await exampleRequest(route, service);
      const [method = ''] = request.split(' ');

      // A user may have any id that is not blank.
      const id = route.path.startsWith('/v1/users/') ? '%20' : 'no-id';
      const answer = await client(`${method} ${route.path.replaceAll(/\{\w+\}/g, id)}`, call);

      expect([400, 403, 404]).toContain(answer.status);
      expect(errorsOf(route, answer)).toEqual([]);
    },
  );

  it.each(cases.filter(([, { operation }]) => operation.requestBody))(
    '%s refuses a body that is no JSON as documented',
    async (_, route) => {
      const client = await service.clientOf('default', ['read', 'write', 'admin']);
      const { request, call } = await exampleRequest(route, service);

      const answer = await client(request, { ...call, body: '{' });

      expect(answer.status).toBe(400);
      // A surface with numbers as codes has the code of the service under `reason`.
      expect([answer.body.code, answer.body.reason]).toContain('invalid_json');
      expect(errorsOf(route, answer)).toEqual([]);
    },
  );
});
