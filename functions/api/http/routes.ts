import type { Context, Hono } from 'hono';
import type * as z from 'zod';
import type { Permission } from '../../../shared/domain/project.ts';
import type { Work } from '../access/cost-units.ts';
import type { Guard } from '../auth.ts';
import type { Describe } from '../openapi/describe.ts';
import type { ApiEnv } from './api-env.ts';
import { invalid } from './http-error.ts';
import {
  readBody,
  readBodyWithAttachments,
  readBodyWithFiles,
  readOptionalBody,
} from './json-body.ts';
import { parse } from './parse.ts';

/** Declared properties of a route besides its method, path and handler. */
export interface RouteOptions<B extends z.ZodType = z.ZodType, Q extends z.ZodType = z.ZodType> {
  /** Permissions that a key needs. Without any, every valid key may call the route; a `public` route needs no key. */
  permission?: Permission | readonly Permission[] | 'public';
  /** Cost class; see `Guard`. */
  work?: Work;
  /** Schema that parses the JSON body. */
  body?: B;
  /** `attachments`: messages may contain files. `files`: the list `file` has files. `optional`: a missing body means `{}`. */
  bodyKind?: keyof typeof bodyReaders;
  /** Schema that parses the query string. */
  query?: Q;
  /** Parameters of pages, which the handler reads by `pagingOf` or `cursorOf`. */
  pages?: 'number' | 'cursor';
  openapi: Describe;
}

/** Parses the parts of a request by the schemas of its route, when the handler asks for them. */
export interface RequestReader<Body, Query> {
  /** @throws HttpError 400 or 413 */
  body(): Promise<Body>;
  /**
   * @param replaced parameters that replace those of the query string
   * @throws HttpError 400
   */
  query(replaced?: object): Query;
}

/** Declaration of a route besides its method and path. */
interface Declaration<P extends string, B extends z.ZodType, Q extends z.ZodType>
  extends RouteOptions<B, Q> {
  handler(
    c: Context<ApiEnv, P>,
    read: RequestReader<z.output<B>, z.output<Q>>,
  ): Response | Promise<Response>;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Route as declared: for the router and for the OpenAPI document. */
export interface DeclaredRoute {
  method: Method;
  /** Pattern of the router, such as `/v1/events/:id`. */
  path: string;
  /** Group of the route in the document. */
  tag: string;
  options: RouteOptions;
  handler(c: Context<ApiEnv>): Response | Promise<Response>;
}

const bodyReaders = {
  json: readBody,
  attachments: readBodyWithAttachments,
  files: readBodyWithFiles,
  optional: readOptionalBody,
};

const declared = <S>(schema: S | undefined): S => {
  if (schema === undefined) throw new TypeError('This route declares no such part of a request.');
  return schema;
};

/** Parameters of the query string. A parameter that is given twice has no single value, so the request is refused. */
const queryOf = (c: Context<ApiEnv>, replaced: object): object => {
  for (const [name, values] of Object.entries(c.req.queries()))
    if (values.length > 1 && !Object.hasOwn(replaced, name))
      throw invalid(name, `${name} must be given only once.`);
  return { ...c.req.query(), ...replaced };
};

const readerOf = <B extends z.ZodType, Q extends z.ZodType>(
  c: Context<ApiEnv>,
  { body, bodyKind = 'json', query }: RouteOptions<B, Q>,
): RequestReader<z.output<B>, z.output<Q>> => ({
  body: async () => bodyReaders[bodyKind](c, declared(body)),
  query: (replaced = {}) => parse(declared(query), queryOf(c, replaced)),
});

/**
 * Collects routes of one group. Each is declared once, by its method, path, handler and all that the OpenAPI document needs:
 *
 *     routes.get('/v1/events/:id', { permission: 'read', openapi: describe(() => ({ ... })), handler: async (c) => ... });
 */
export const createRoutes = (tag: string) => {
  const all: DeclaredRoute[] = [];
  const declare =
    (method: Method) =>
    <P extends string, B extends z.ZodType, Q extends z.ZodType>(
      path: P,
      { handler, ...options }: Declaration<P, B, Q>,
    ): void => {
      all.push({ method, path, tag, options, handler: (c) => handler(c, readerOf(c, options)) });
    };
  return {
    all,
    get: declare('get'),
    post: declare('post'),
    put: declare('put'),
    patch: declare('patch'),
    delete: declare('delete'),
  };
};

/** Adds declared routes to the router, each behind its guard. */
export const mountRoutes = (
  app: Hono<ApiEnv>,
  guard: Guard,
  routes: readonly DeclaredRoute[],
): void => {
  for (const { method, path, options, handler } of routes) {
    const { permission, work } = options;
    if (permission === 'public') app.on(method, path, handler);
    else app.on(method, path, guard(permission, work), handler);
  }
};
