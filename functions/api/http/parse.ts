import type * as z from 'zod';
import { type HttpError, invalid } from './http-error.ts';
import { fieldOf } from './sanitize-json.ts';

const expectations: { readonly [type: string]: string } = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

/** Returns the error text after the field's name, for rules without a text of their own. */
export const issueText = (issue: z.core.$ZodRawIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required';
      return `must be ${expectations[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return issue.minimum === 1 && issue.origin !== 'number'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`;
    case 'unrecognized_keys':
      return 'is not a known field';
    case 'invalid_union':
      return 'is not of a supported kind';
    default:
      return 'is not valid';
  }
};

/** Returns the path of an issue; of a field that does not exist, the field itself. */
const pathOf = (issue: z.core.$ZodIssue | undefined): readonly PropertyKey[] => {
  const { path = [] } = issue ?? {};
  return issue?.code === 'unrecognized_keys' ? [...path, ...issue.keys.slice(0, 1)] : path;
};

const validationError = (error: z.ZodError, at: string): HttpError => {
  const [issue] = error.issues;
  const field = at + fieldOf(pathOf(issue));
  return invalid(field, `${field || 'The request'} ${issue?.message ?? 'is not valid'}.`);
};

/**
 * Parses a value with a schema.
 * @param at position of the value in the request, for the error
 * @throws HttpError 400 with one sentence that names the first invalid field
 */
export const parse = <S extends z.ZodType>(schema: S, value: unknown, at = ''): z.output<S> => {
  const parsed = schema.safeParse(value, { error: issueText });
  if (parsed.success) return parsed.data;
  throw validationError(parsed.error, at);
};
