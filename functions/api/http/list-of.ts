import * as z from 'zod';
import { issueText } from './parse.ts';

/** Error sentences for a value that is not a list, and for a list that is too long. */
interface Sentences {
  notList?: string | undefined;
  tooMany?: string | undefined;
}

/** Schemas of entries by the schema of their list, for the OpenAPI document: the list itself accepts anything. */
const entries = new WeakMap<z.core.$ZodType, z.ZodType>();

/** Returns the schema of the entries of a list that `listOf` made. */
export const listEntryOf = (list: z.core.$ZodType): z.ZodType | undefined => entries.get(list);

/**
 * Parses a list of at most `max` entries. The length is checked first, and parsing stops at the first invalid entry: errors
 * for thousands of entries would cost more than the request itself.
 */
export const listOf = <S extends z.ZodType>(
  entry: S,
  max: number,
  { notList, tooMany }: Sentences = {},
) => {
  const list = z
    .array(z.unknown(), notList)
    .max(max, tooMany ?? `must not have more than ${max} entries`);
  entries.set(list, entry);
  return list.transform((items, context): z.output<S>[] => {
    const parsed: z.output<S>[] = [];
    for (const [index, item] of items.entries()) {
      const one = entry.safeParse(item, { error: issueText });
      if (!one.success) {
        const [issue] = one.error.issues;
        const path = [index, ...(issue?.path ?? [])];
        context.addIssue({ code: 'custom', message: issue?.message ?? 'is not valid', path });
        return z.NEVER;
      }
      parsed.push(one.data);
    }
    return parsed;
  });
};

/** Parses a list of 1 to `max` entries. */
export const nonEmptyListOf = <S extends z.ZodType>(entry: S, max: number, tooMany?: string) =>
  listOf(entry, max, { tooMany }).refine((items) => items.length > 0, 'must not be empty');
