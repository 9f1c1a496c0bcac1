import { functionWords } from './questions.ts';
import type { Entry } from './retrieve.ts';

/** A name as memories and queries have it: a first name, and a last name where one is given. */
interface Name {
  first: string;
  last?: string;
}

/** Start of a fact that names the person whom memories call `User`. */
const namesUser =
  /^(?:User's|My) (?:(?:first|given|full|real) )?name is (\p{Lu}[\p{L}\p{M}-]{1,40})(?: (\p{Lu}[\p{L}\p{M}-]{1,40}))?/u;
/** An id that is a name in itself. */
const nameLike = /^\p{L}{3,40}$/u;

const word = /(?<![\p{L}\p{M}\p{N}_-])(\p{L}[\p{L}\p{M}-]*)(['’]s)?(?![\p{L}\p{M}\p{N}_-])/gu;
const capital = /\p{Lu}/u;
const nextIsCapitalized = /^ \p{Lu}\p{L}/u;
const firstPerson = /(?<![\p{L}'’])(?:I|my|mine|myself)(?![\p{L}'’])/iu;

/** Longer texts are not questions about a person. */
const maxChars = 300;

const isSaidByUser = (entry: Entry): boolean =>
  entry.of === 'memory'
    ? entry.memory.state === 'live' && entry.view.attributedTo !== 'assistant'
    : entry.message.message.role === 'user';

/** Names that memories give to the person whom they call `User`. */
const namesIn = (entries: readonly Entry[]): Name[] =>
  entries.flatMap((entry) => {
    const [, first, last] = namesUser.exec(entry.candidate.text) ?? [];
    if (first === undefined || entry.candidate.speaker !== undefined || !isSaidByUser(entry))
      return [];
    return [{ first, ...(last === undefined ? {} : { last }) }];
  });

/** The id of a user as a name, unless a text or a speaker has that name: then memories do not call this person `User`. */
const nameOfId = (user: string, entries: readonly Entry[]): Name[] => {
  const lower = user.toLowerCase();
  const isSpokenOf = ({ candidate: { text, speaker = '' } }: Entry): boolean =>
    `${speaker} ${text}`.toLowerCase().includes(lower);
  return nameLike.test(user) && !entries.some(isSpokenOf)
    ? [{ first: lower.charAt(0).toUpperCase() + lower.slice(1) }]
    : [];
};

/** Whether a word of a query is a name: it has a capital letter, unless the query has none. */
const isWordOf = (found: string, name: string, query: string): boolean =>
  found.toLowerCase() === name.toLowerCase() &&
  !functionWords.has(found.toLowerCase()) &&
  capital.test(found) === capital.test(query);

/** Replaces a name by a pronoun. A name with another last name is left as it is. */
const withPronoun = (query: string, { first, last }: Name): string => {
  const short = last === undefined ? query : query.replaceAll(`${first} ${last}`, first);
  let isAnother = false;
  const changed = short.replace(word, (all: string, found: string, own?: string, at = 0) => {
    if (!isWordOf(found, first, short)) return all;
    if (own !== undefined) return 'her';
    isAnother ||= nextIsCapitalized.test(short.slice(at + all.length));
    return 'she';
  });
  return isAnother ? query : changed;
};

/** Whether a query has a word besides pronouns and the like. */
const asksForMore = (query: string): boolean =>
  [...query.matchAll(word)].some(([, found = '']) => !functionWords.has(found.toLowerCase()));

/**
 * Returns a query about the user by name as one by a pronoun: memories call this person `User`, so they match "Where does she live?"
 * and hardly "Where does Nora live?". A query that asks only for the name stays as it is.
 * @param user id of the user whose memories are searched
 * @param entries candidates that the query found
 */
export const withoutUsersName = (
  query: string,
  user: string,
  entries: readonly Entry[],
): string => {
  if (query.length > maxChars || firstPerson.test(query)) return query;
  for (const name of [...namesIn(entries), ...nameOfId(user, entries)]) {
    const changed = withPronoun(query, name);
    if (changed !== query && asksForMore(changed)) return changed;
  }
  return query;
};
