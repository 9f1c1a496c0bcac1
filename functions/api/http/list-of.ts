import * as z from 'zod';
import { issueText } from './parse.ts';

/** Words for what is no list, and for one that is too long. */
interface Sentences {
  form?: string | undefined;
  tooMany?: string | undefined;
}

/**
 * A list of at most `most` entries. Its length is checked before its entries, and the first entry that is refused ends
 * the reading: an error for each of many thousand entries would cost more than the request.
 */
export const listOf = <S extends z.ZodType>(
  entry: S,
  max: number,
  { form, tooMany }: Sentences = {},
) =>
  z
    .array(z.unknown(), form)
    .max(max, tooMany ?? `must not have more than ${max} entries`)
    .transform((items, context): z.output<S>[] => {
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

/** The same of at least one. */
export const someOf = <S extends z.ZodType>(entry: S, max: number, tooMany?: string) =>
  listOf(entry, max, { tooMany }).refine((items) => items.length > 0, 'must not be empty');
