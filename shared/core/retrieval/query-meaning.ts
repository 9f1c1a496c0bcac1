/** Pronouns of a single person in English; "i" is mostly a variable or a word of another language. */
const pronoun =
  /(?<![\p{L}\p{N}'’])(?:(I|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself)|[Ss]he|[Hh]e|[Hh]im|[Hh]is|[Hh]ers?|[Hh]erself|[Hh]imself)(?![\p{L}\p{N}'’])/gu;

/** Start of a capitalized word within a sentence: a name that a later pronoun may stand for. */
const nameStart = /[\p{L}\p{N},]\s+(?!I\b)\p{Lu}/u;

const possessives: ReadonlySet<string> = new Set(['my', 'mine', 'his', 'hers']);
const followedByWord = /^\s+\p{L}/u;

/** Longer texts are not questions about a person. */
const maxChars = 300;

/**
 * Text of a query that is embedded. Memories call the person `User`, so pronouns of a single person become that word: the
 * vector of "What is User's occupation?" is nearer to what answers it, and farther from all else. A pronoun after a name
 * may stand for that name and stays.
 */
export const queryMeaning = (query: string): string => {
  if (query.length > maxChars) return query;
  const start = nameStart.exec(query);
  const named = start ? start.index + start[0].length - 1 : undefined;
  return query.replace(pronoun, (word: string, first: string | undefined, at: number) => {
    const lower = word.toLowerCase();
    if (first === undefined && named !== undefined && named < at) return word;
    const owns =
      possessives.has(lower) ||
      (lower === 'her' && followedByWord.test(query.slice(at + word.length)));
    return owns ? "User's" : 'User';
  });
};

/** Whether a query speaks of a single person by a pronoun. */
export const speaksOfPerson = (query: string): boolean => query.search(pronoun) >= 0;
