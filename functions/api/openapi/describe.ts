import type * as z from 'zod';
import type { Json } from '../../../shared/domain/memory/turn.ts';

type Schemas = { readonly [name: string]: z.ZodType };
type Texts = { readonly [name: string]: string };

/** Valid request. The ids in it are those of `example-ids.ts`, which tests replace by ids of their own data. */
export interface ExampleRequest {
  params?: Texts;
  query?: Texts;
  headers?: Texts;
  body?: Json;
}

/** Part of the OpenAPI document about a route, besides what the route itself declares. */
export interface Description {
  /** Unique name, from which generated clients derive the name of a method. */
  operationId: string;
  summary: string;
  /** Further sentences, in Markdown. */
  description?: string;
  /** Parameters of the path; each name in the path needs a schema. */
  params?: Schemas;
  headers?: Schemas;
  /** Schemas of fields that the route parses by code, so that the schema of the body accepts anything. */
  fields?: Schemas;
  /** Bodies of successful responses by status. */
  responses: { readonly [status: number]: z.ZodType };
  /** Media type of successful responses, other than JSON. */
  mediaType?: string;
  /** Codes of errors by status, besides those that follow from the declaration of the route. */
  errors?: { readonly [status: number]: readonly string[] };
  /** Body of errors, of a surface that has one of its own. */
  errorBody?: z.ZodType;
  example: ExampleRequest;
}

/** Reads a description. Nothing is evaluated until the document is written. */
export type Describe = () => Description;

/**
 * Marks the description of a route. Bundles leave out what follows `openapi: describe(`, and modules named `*.openapi.ts`; see
 * `infra/bundle.ts`.
 */
export function describe(read: Describe): Describe {
  return read;
}
