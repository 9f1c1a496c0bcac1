import type { Context } from 'hono';
import * as z from 'zod';
import type { ApiEnv } from './api-env.ts';

/** Largest number of unknown fields that a response names, and the longest part of a name that it repeats. */
const maxNamed = 10;
const maxNameLength = 64;

/** Fields that a schema reads; undefined if it reads any. */
const fieldsOf = (schema: z.core.$ZodType): ReadonlySet<string> | undefined => {
  if (schema instanceof z.ZodPipe) return fieldsOf(schema.in);
  return schema instanceof z.ZodObject && schema.def.catchall === undefined
    ? new Set(Object.keys(schema.shape))
    : undefined;
};

/** Returns the fields of a body that its schema does not read, at most ten. */
export const unknownFields = (schema: z.core.$ZodType, body: object): string[] => {
  const known = fieldsOf(schema);
  if (known === undefined) return [];
  const unknown: string[] = [];
  for (const name in body) {
    if (!known.has(name)) unknown.push(name.slice(0, maxNameLength));
    if (unknown.length === maxNamed) break;
  }
  return unknown;
};

/** Returns `warnings` for a response if the body had fields that the route does not have: they had no effect. */
export const warningsOf = (c: Context<ApiEnv>): { warnings?: string[] } => {
  const unknown = c.get('unknownFields') ?? [];
  return unknown.length === 0
    ? {}
    : {
        warnings: unknown.map(
          (name) => `${name} is not a field of this request: it had no effect.`,
        ),
      };
};
