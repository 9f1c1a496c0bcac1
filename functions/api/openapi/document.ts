import type * as z from 'zod';
import { unitsByWork } from '../access/cost-units.ts';
import { CursorQuery } from '../http/cursor.ts';
import { PageQuery } from '../http/paging.ts';
import type { DeclaredRoute, RouteOptions } from '../http/routes.ts';
import { type Components, createComponents, isNode, type Node } from './components.ts';
import type { Description, ExampleRequest } from './describe.ts';
import { createErrors } from './errors.ts';
import { webhooksOf } from './webhooks.ts';

const json = 'application/json';

/** Path of the document. A parameter that may contain slashes has an expression in the pattern of the router. */
const pathOf = (pattern: string): string => pattern.replace(/:(\w+)(?:\{[^}]*\})?/g, '{$1}');

const namesIn = (pattern: string): string[] =>
  [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

/** A parameter is left out instead of being null. */
const withoutNull = (schema: Node): Node => {
  const { type, anyOf, ...rest } = schema;
  if (Array.isArray(type)) {
    const [only, ...others] = type.filter((one) => one !== 'null');
    return { type: others.length === 0 ? only : [only, ...others], ...rest };
  }
  if (!Array.isArray(anyOf)) return schema;
  const kept = anyOf.filter((one) => !isNode(one) || one['type'] !== 'null');
  const [only] = kept;
  return kept.length === 1 && isNode(only) ? { ...rest, ...only } : { ...rest, anyOf: kept };
};

const parameter = (
  place: 'path' | 'query' | 'header',
  name: string,
  schema: Node,
  required: boolean,
  example: string | undefined,
): Node => {
  const { description, ...rest } = withoutNull(schema);
  return {
    name,
    in: place,
    required,
    ...(description === undefined ? {} : { description }),
    schema: rest,
    ...(example === undefined ? {} : { example }),
  };
};

const parametersIn = (
  place: 'query' | 'header',
  schema: Node,
  examples: { readonly [name: string]: string } = {},
): Node[] => {
  const { properties, required } = schema;
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(isNode(properties) ? properties : {}).flatMap(([name, property]) => {
    if (!isNode(property) || 'not' in property) return [];
    return [parameter(place, name, property, needed.includes(name), examples[name])];
  });
};

const pathParameters = (
  path: string,
  { params = {}, example, operationId }: Description,
  components: Components,
): Node[] =>
  namesIn(path).map((name) => {
    const schema = params[name];
    if (!schema) throw new Error(`${operationId} describes no parameter ${name}.`);
    return parameter('path', name, components.request(schema), true, example.params?.[name]);
  });

const pageQueries = { number: PageQuery, cursor: CursorQuery };

const queryParameters = (
  { query, pages }: RouteOptions,
  { query: examples }: ExampleRequest,
  components: Components,
): Node[] => {
  const schemas: z.ZodType[] = [query ?? [], pages ? pageQueries[pages] : []].flat();
  const all = schemas.flatMap((schema) =>
    parametersIn('query', components.request(schema), examples),
  );
  // A route may name the parameters of its pages in its own schema as well.
  return [...new Map(all.map((one) => [one['name'], one])).values()];
};

const headerParameters = ({ headers = {}, example }: Description, components: Components) =>
  Object.entries(headers).map(([name, schema]) =>
    parameter('header', name, components.request(schema), false, example.headers?.[name]),
  );

/** Replaces fields of a body by their own schemas. */
const withFields = (schema: Node, { fields = {} }: Description, components: Components): Node => {
  const { properties } = schema;
  if (!isNode(properties)) return schema;
  const own = Object.entries(fields).map(([name, field]) => [name, components.request(field)]);
  return { ...schema, properties: { ...properties, ...Object.fromEntries(own) } };
};

const requestBody = (
  { body, bodyKind }: RouteOptions,
  description: Description,
  components: Components,
): Node =>
  body
    ? {
        requestBody: {
          required: bodyKind !== 'optional',
          content: {
            [json]: {
              schema: withFields(components.request(body), description, components),
              ...(description.example.body === undefined
                ? {}
                : { example: description.example.body }),
            },
          },
        },
      }
    : {};

const statusNames: { readonly [status: string]: string } = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  304: 'Not modified',
};

/** Sentences that follow from the declaration of a route: permissions of the key, and cost of the request. */
const termsOf = ({ permission, work }: RouteOptions): string => {
  if (permission === 'public') return 'Needs no API key.';
  const permissions = [permission ?? []].flat();
  const charged = work ?? (permissions.includes('write') ? 'change' : 'get');
  const needs =
    permissions.length === 0
      ? 'Needs any API key.'
      : `Needs an API key with ${permissions.map((one) => `\`${one}\``).join(' and ')}.`;
  const units = unitsByWork[charged];
  return `${needs} Costs ${units} ${units === 1 ? 'unit' : 'units'}.`;
};

const operationOf = (
  route: DeclaredRoute,
  components: Components,
  errors: ReturnType<typeof createErrors>,
): Node => {
  const { options, path, tag } = route;
  const description = options.openapi();
  const { example } = description;
  const parameters = [
    ...pathParameters(path, description, components),
    ...queryParameters(options, example, components),
    ...headerParameters(description, components),
  ];
  const successes = Object.entries(description.responses).map(([status, schema]) => [
    status,
    {
      description: statusNames[status] ?? 'OK',
      content: { [description.mediaType ?? json]: { schema: components.response(schema) } },
    },
  ]);
  return {
    operationId: description.operationId,
    summary: description.summary,
    description: [description.description, termsOf(options)].filter(Boolean).join(' '),
    tags: [tag],
    ...(options.permission === 'public' ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBody(options, description, components),
    responses: { ...Object.fromEntries(successes), ...errors.of(route, description) },
  };
};

const introduction = [
  'Turnstone is a memory service for AI agents. A trailing slash of a path, or a doubled one, makes no difference.',
  'Every error has a stable `code` and one sentence. A response may get further fields at any time.',
].join('\n\n');

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: '`Authorization: Bearer <key>`' },
  token: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: '`Token <key>`, with the word and the space.',
  },
};

/**
 * Builds the OpenAPI 3.1 document of all routes and webhooks. The same routes and version make the same document.
 * @throws Error if a description is incomplete or two schemas have one id
 */
export const openApiDocument = (routes: readonly DeclaredRoute[], version: string): Node => {
  const components = createComponents();
  const errors = createErrors(components);
  const paths: { [path: string]: Node } = {};
  for (const route of routes) {
    const path = pathOf(route.path);
    const operation = operationOf(route, components, errors);
    paths[path] = { ...paths[path], [route.method]: operation };
  }
  const webhooks = webhooksOf(components);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Turnstone',
      version,
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The service that serves this document.' }],
    security: [{ bearer: [] }, { token: [] }],
    tags: [...new Set([...routes.map(({ tag }) => tag), 'Webhooks'])].map((name) => ({ name })),
    paths,
    webhooks,
    components: { schemas: components.all(), responses: errors.responses, securitySchemes },
  };
};
