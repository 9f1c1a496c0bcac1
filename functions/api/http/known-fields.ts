import * as z from 'zod';

/**
 * Builds the schema of a body that refuses fields it does not have. For routes whose body replaces or selects something: a
 * misspelt field would count as absent.
 */
export const knownFields = <T extends z.core.$ZodShape>(shape: T) => {
  const unknown = `is not a field of this request: use ${Object.keys(shape).join(', ')}`;
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknown : undefined),
  });
};
