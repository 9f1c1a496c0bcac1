import { speaksOfPerson } from './query-meaning.ts';

/** Longer texts are neither questions about a person nor facts about one. */
const maxChars = 300;

/** Words for the people and animals of a person's life; words in one row may stand for each other. */
const synonyms = [
  'mother mom mum ma mama mummy mommy parent parents',
  'father dad pa papa daddy parent parents',
  'grandmother grandma granny grandparent grandparents',
  'grandfather grandpa grandad granddad grandparent grandparents',
  'wife spouse partner',
  'husband spouse partner',
  'girlfriend partner fiancé fiancée fiance fiancee',
  'boyfriend partner fiancé fiancée fiance fiancee',
  'son child children kid kids baby',
  'daughter child children kid kids baby',
  'brother sibling siblings twin',
  'sister sibling siblings twin',
  'grandson grandchild grandchildren',
  'granddaughter grandchild grandchildren',
  'stepmother stepmom stepmum',
  'stepfather stepdad',
  'godmother godparent',
  'godfather godparent',
  'colleague coworker co-worker workmate',
  'boss manager supervisor',
  'roommate flatmate housemate',
  'neighbour neighbor',
  'friend buddy',
  'aunt auntie',
  'dog puppy pet',
  'cat kitten pet',
  ...['horse', 'parrot', 'rabbit', 'hamster', 'tortoise', 'snake'].map((animal) => `${animal} pet`),
  ...'uncle cousin nephew niece stepson stepdaughter stepbrother stepsister'.split(' '),
].map((row) => row.split(' '));

/** Numbers of the rows that a word is in. */
const rowsOf = Map.groupBy(
  synonyms.flatMap((row, at) => row.map((word) => ({ word, at }))),
  ({ word }) => word,
);

const words = [...rowsOf.keys()].sort((a, b) => b.length - a.length).join('|');
const relative = String.raw`(?<![\p{L}-])(?:half-|great-)*(?:${words})s?(?:-in-law)?(?![\p{L}-])`;
const everyRelative = new RegExp(relative, 'giu');

/** Start of a text whose subject is a relative, or a relative of a relative, at most two words after the owner. */
const aboutRelative = new RegExp(
  String.raw`^\s*(?:User's|My|Our)\s+(?:[\p{L}-]+\s+){0,2}?${relative}(?:['’]s\s+${relative})*`,
  'iu',
);

/** Words by which a question asks who it is. */
const anyone =
  /\b(?:who(?:m|se|ever)?|family|relatives?|in-laws|any(?:one|body)|some(?:one|body)|every(?:one|body)|people|widow(?:er)?|married|single)\b/i;

/** Capitalized words within a sentence: names, of persons or else. */
const capitalized = /(?<=[\p{L}\p{N},]\s{1,4})(?!I\b)\p{Lu}[\p{L}\p{M}]+/gu;

const firstPerson = /(?<![\p{L}'’])(?:I|me|my|mine|myself)(?![\p{L}'’])/u;

/** Start of a fact about the person that memories call `User`. */
const aboutUser = /^\s*User(?:'s)?\s/u;

/** Start of a fact about a named person. */
const aboutNamed =
  /^\s*(\p{Lu}\p{L}+)(?:\s+\p{Lu}\p{L}+)?\s+(?:works?|lives?|likes?|loves?|hates?|prefers?|enjoys?|drives?|plays?|eats?|drinks?|speaks?|stud(?:ies|ied)|owns?|wants?|teaches|moved|bought|is (?:allergic|married|from|an?|\d+))\s/u;
const mentionsUser = /\b(?:user|I|me|my|our|we)\b/iu;

/** Subject of a question: the user, a relative, by the rows of `synonyms`, or persons with names. */
export type AskedSubject =
  | { of: 'user' }
  | { of: 'relative'; rows: ReadonlySet<string> }
  | { of: 'named'; names: readonly string[] };

/** Rows of the relatives that a text names. Those of a relative by marriage are apart. */
const relativesIn = (text: string): Set<string> => {
  const rows = new Set<string>();
  for (const [found] of text.toLowerCase().matchAll(everyRelative)) {
    const [, prefix = '', plain = '', inLaw = ''] =
      /^((?:half-|great-){0,9})(.+?)(-in-law)?$/u.exec(found) ?? [];
    const known = rowsOf.get(plain) ?? rowsOf.get(plain.replace(/s$/u, '')) ?? [];
    for (const { at } of known) rows.add(`${prefix}${at}${inLaw}`);
  }
  return rows;
};

/** Returns whom a question is about; undefined where it does not say so. English only. */
export const askedSubject = (query: string): AskedSubject | undefined => {
  if (query.length > maxChars) return undefined;
  const rows = relativesIn(query);
  if (rows.size > 0) return { of: 'relative', rows };
  const names = [...query.matchAll(capitalized)].map(([name]) => name.toLowerCase());
  if (names.length > 0) return firstPerson.test(query) ? undefined : { of: 'named', names };
  return speaksOfPerson(query) && !anyone.test(query) ? { of: 'user' } : undefined;
};

const shares = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  [...a].some((row) => b.has(row));

const isAboutOtherName = (text: string, names: readonly string[]): boolean => {
  const [, name] = aboutNamed.exec(text) ?? [];
  return name !== undefined && !names.includes(name.toLowerCase()) && !mentionsUser.test(text);
};

/** How far a fact about the user alone is not about a relative: "User has a collie" may be about the dog. */
const userAlone = 0.5;

const isOfRelative = (text: string, rows: ReadonlySet<string>): number => {
  const [subject] = aboutRelative.exec(text) ?? [];
  if (subject !== undefined) return shares(relativesIn(subject), rows) ? 0 : 1;
  return aboutUser.test(text) && !shares(relativesIn(text), rows) ? userAlone : 0;
};

/** Returns how far a text is a fact about another person than a question is, 0..1. */
export const aboutAnother = (text: string, asked: AskedSubject): number => {
  const start = text.slice(0, maxChars);
  if (asked.of === 'relative') return isOfRelative(start, asked.rows);
  const names = asked.of === 'named' ? asked.names : [];
  const lower = start.toLowerCase();
  if (names.some((name) => lower.includes(name))) return 0;
  return aboutRelative.test(start) || isAboutOtherName(start, names) ? 1 : 0;
};
