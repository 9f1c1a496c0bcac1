import type { Entry } from './entries.ts';
import { functionWords } from './questions.ts';

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

/** Words before a person in a question without capital letters. */
const beforePerson = '(?:do|does|did|is|was|has|can|could|will|would|should|about|of|for|with) ';

/** Longer texts are not questions about a person. */
const maxChars = 300;
/** The beginning of a text in which a name is looked for. */
const maxSearchedChars = 4_000;

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

/**
 * The id of a user as a name, if the query asks about such a person: ids may be words like `food`. A text or a speaker with that name
 * means that memories do not call this person `User`.
 */
const nameOfId = (query: string, user: string, entries: readonly Entry[]): Name[] => {
  if (!nameLike.test(user)) return [];
  const whole = `(?<![\\p{L}\\p{M}])${user}(?![\\p{L}\\p{M}])`;
  const named = new RegExp(whole, 'iu');
  const asked = new RegExp(`${beforePerson}${whole}|${whole}['’]s`, 'iu').exec(query);
  if (!capital.test(named.exec(query)?.[0] ?? '') && asked === null) return [];
  const isSpokenOf = ({ candidate: { text, speaker = '' } }: Entry): boolean =>
    named.test(speaker) || named.test(text.slice(0, maxSearchedChars));
  const lower = user.toLowerCase();
  return entries.some(isSpokenOf)
    ? []
    : [{ first: lower.charAt(0).toUpperCase() + lower.slice(1) }];
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
  for (const name of [...namesIn(entries), ...nameOfId(query, user, entries)]) {
    const changed = withPronoun(query, name);
    if (changed !== query && asksForMore(changed)) return changed;
  }
  return query;
};
