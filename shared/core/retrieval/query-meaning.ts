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

/** Words for relatives: the people and animals of a person's life. */
const relatives =
  "(?:(?:grand|step|god|half-|great-)?(?:mother|father|mom|mum|dad|parent|son|daughter|child|children|ma|pa|brother|sister)|kid|baby|sibling|twin|wife|husband|partner|spouse|girlfriend|boyfriend|fianc(?:é|e)e?|friend|colleague|co-?worker|boss|manager|neighbou?r|roommate|flatmate|landlord|landlady|tenant|aunt|uncle|cousin|nephew|niece|in-law|dog|cat|puppy|kitten|horse|pet|parrot|rabbit|hamster)(?:-in-law)?(?:'?s)?";
const relative = new RegExp(`(?<![\\p{L}])${relatives}(?![\\p{L}])`, 'iu');
/** Words by which a question asks who it is. */
const anyone =
  /\b(?:who(?:m|se|ever)?|family|relatives?|any(?:one|body)|some(?:one|body)|every(?:one|body)|people|widow(?:er)?|married|single)\b/i;
/** Start of a text whose subject is a relative, at most two words after the owner. */
const aboutRelative = new RegExp(
  `^\\s*(?:User's|My|Our)\\s+(?:[\\p{L}-]+\\s+){0,2}?${relatives}(?![\\p{L}])`,
  'iu',
);

/** Whether a query asks about one person, by a pronoun, and not about a relative. */
export const asksAboutPerson = (query: string): boolean =>
  query.length <= maxChars &&
  speaksOfPerson(query) &&
  !nameStart.test(query) &&
  !relative.test(query) &&
  !anyone.test(query);

/** Whether a text is about a relative. */
export const isAboutRelative = (text: string): boolean =>
  aboutRelative.test(text.slice(0, maxChars));
