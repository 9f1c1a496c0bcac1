import { RetryableError } from '../../domain/errors.ts';
import type { RequestRejected } from './faults.ts';

/** How much of the API a server understands. */
export interface Dialect {
  format: 'json_schema' | 'json_object' | 'text';
  temperature: boolean;
}

export const fullDialect: Dialect = { format: 'json_schema', temperature: true };

const plainerFormat = { json_schema: 'json_object', json_object: 'text', text: undefined } as const;

/** What to try after a refusal. @throws RetryableError when nothing is left to leave out */
export const plainer = (dialect: Dialect, { hint, status }: RequestRejected): Dialect => {
  // Reasoning models take no temperature, and say so.
  if (dialect.temperature && /temperature/i.test(hint)) return { ...dialect, temperature: false };
  const format = plainerFormat[dialect.format];
  if (format) return { ...dialect, format };
  if (dialect.temperature) return { ...dialect, temperature: false };
  throw new RetryableError('model_rejected', `The language model refused the request (${status}).`);
};

/** The part of a request body that depends on the dialect. */
export const dialectFields = (
  { format, temperature }: Dialect,
  schema: { [key: string]: unknown },
) => ({
  ...(temperature && { temperature: 0 }),
  ...(format === 'json_object' && { response_format: { type: format } }),
  ...(format === 'json_schema' && {
    response_format: { type: format, json_schema: { name: 'changes', strict: true, schema } },
  }),
});
