import { analyze } from '../../memory/analyzer.ts';
import { type FieldSlot, fieldSlots } from './slots.ts';

/** Request of a field, by the words of its name or of its description. */
export interface Asked {
  /** The words, each as the stems of words that say the same. */
  words: readonly (readonly string[])[];
  slot: FieldSlot | undefined;
}

/** Whether stems of a sentence have a stem of each word. */
export const hasWords = (stems: ReadonlySet<string>, words: Asked['words']): boolean =>
  words.every((alternatives) => alternatives.some((stem) => stems.has(stem)));

/** A field of a schema, as rules read it. */
export interface Field {
  /** By its name, its title and its description; each is tried in turn. */
  asks: readonly Asked[];
  /** Kind of value that the last word of the name asks for: "manager_email" has no sentence about the manager. */
  kind: 'name' | 'date' | 'email' | 'phone' | 'count' | undefined;
  /** Verb of a name such as `is_vegetarian`, `has_dog` or `likesTea`. */
  verb: 'is' | 'has' | 'likes' | 'can' | undefined;
  /** Part of a name that is asked for: `first_name`. */
  part: 'first' | 'last' | undefined;
  /** Whether the field takes a list. */
  isList: boolean;
}

/** Longest name or description that is read. */
const maxCharacters = 500;
/** A description of more words is not compared with memories. */
const maxWords = 6;

/** Names such as `fullName` and `full_name` as words. */
export const wordsOf = (name: string): string =>
  name
    .slice(0, maxCharacters)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_\-./]+/g, ' ')
    .replace(/['’]s\b/g, '')
    .replace(/[^\p{L}\p{N} ]+/gu, ' ')
    .trim()
    .toLowerCase();

/** Words of names and descriptions that say nothing about the value. */
const fillers = new Set(
  (
    'user users customer client person patient member people individual profile memory memories information info details detail data value text string list items item ' +
    'current currently present main primary the a an of for and or to in on at by their his her its my your our they he she it who whom whose which that what ' +
    'about any all some given known mentioned if whether stated is are was be does do has have owns own named called with from as ' +
    'annual yearly cm kg km lbs usd eur dollars euros years year entry field optional one short brief description'
  ).split(' '),
);
const countWords = new Set(['number', 'count', 'num', 'total', 'many', 'how', 'amount']);

/** Words that say the same as a word of a field, in groups. */
const groups = [
  'wife husband spouse partner',
  'wife husband spouse',
  'car vehicle automobile',
  'salary income wage pay earnings compensation',
  'job occupation profession career',
  'employer company workplace',
  'kid child children son daughter',
  'birthday birthdate',
  'phone telephone mobile cellphone cell',
  'email mail',
  'apartment flat',
  'home house residence',
  'doctor physician',
  'boss manager supervisor',
  'color colour',
  'favorite favourite preferred preference prefers',
  'film movie',
  'surname lastname',
  'allergy allergic allergies',
  'vacation holiday trip travel',
  'goal aim objective',
  'drink beverage',
  'medication medicine drug',
  'smoker smokes smoking smoke',
  'drinker drinks drinking drink',
  'bike bicycle',
  'mother mom mum',
  'father dad',
  'university college',
  'address street',
  'colleague coworker',
  'meal dish food',
  'sport sports',
  'subscription subscribed',
];
/** Words of a field, and words of memories that are a kind of it. */
const kindsOf: { readonly [word: string]: string } = {
  pet: 'dog cat puppy kitten hamster parrot rabbit horse turtle fish',
  sibling: 'brother sister',
  parent: 'mother father mom mum dad',
  relative: 'mother father brother sister aunt uncle cousin grandmother grandfather',
};

const build = () => {
  const same = new Map<string, Set<string>>();
  const relate = (word: string, others: readonly string[]): void => {
    for (const stem of analyze(word))
      same.set(stem, new Set([stem, ...(same.get(stem) ?? []), ...others]));
  };
  for (const group of groups) for (const word of group.split(' ')) relate(word, analyze(group));
  for (const [word, kinds] of Object.entries(kindsOf)) relate(word, analyze(kinds));
  return same;
};
let built: ReturnType<typeof build> | undefined;

const alternativesOf = (word: string): string[] => {
  built ??= build();
  return [...new Set(analyze(word).flatMap((stem) => [...(built?.get(stem) ?? [stem])]))];
};

const slotOf = (words: readonly string[]): FieldSlot | undefined =>
  words.length === 0
    ? undefined
    : fieldSlots.find(({ names }) => {
        const known = names.split(' ');
        return words.every((word) => known.includes(word));
      });

/** Words with one meaning are one word. */
const joined = (words: string): string =>
  words
    .replace(/\be mail\b/g, 'email')
    .replace(/\btimezone\b/g, 'time zone')
    .replace(/\bbirth date\b|\bdate of birth\b|\bdob\b/g, 'birthday')
    .replace(/\bcar brand\b|\bcar make\b/g, 'car')
    .replace(/\bmum s\b/g, 'mum');

const askedBy = (words: string, dropped: ReadonlySet<string>): Asked | undefined => {
  const all = joined(words)
    .split(' ')
    .filter((word) => word !== '' && !fillers.has(word));
  const content = all.filter((word) => !dropped.has(word));
  if (all.length === 0 || all.length > maxWords) return undefined;
  const alternatives = content.map(alternativesOf).filter((stems) => stems.length > 0);
  return { words: alternatives, slot: slotOf(all) ?? slotOf(content) };
};

const kindsByWord: readonly [RegExp, Field['kind'], readonly string[]][] = [
  [/\bnames?$/, 'name', ['name', 'names', 'first', 'last', 'full', 'family', 'real']],
  [/\b(?:date|birthday|dob|birthdate)$/, 'date', ['date']],
  [/\bemails?(?: address)?$/, 'email', ['address']],
  [/\b(?:phone|mobile|telephone)(?: number)?$/, 'phone', ['number']],
];

const verbOf = (name: string): Field['verb'] => {
  const [, verb] = /^(is|are|was|has|have|owns?|likes?|loves?|enjoys?|can) \S/.exec(name) ?? [];
  if (verb === undefined) return undefined;
  if (/^(?:is|are|was)$/.test(verb)) return 'is';
  if (/^(?:has|have|owns?)$/.test(verb)) return 'has';
  return verb === 'can' ? 'can' : 'likes';
};

/**
 * Reads the request of a field.
 * @param name last part of the property's name
 * @param texts title and description, as far as the schema has them
 */
export const fieldOf = (name: string, texts: readonly string[], isList = false): Field => {
  const words = joined(wordsOf(name));
  const [, kind, extra = []] = kindsByWord.find(([pattern]) => pattern.test(words)) ?? [];
  const isCount = words.split(' ').some((word) => countWords.has(word)) && kind === undefined;
  const verb = verbOf(words);
  const dropped = new Set([...extra, ...(isCount ? countWords : [])]);
  const stripped = verb ? words.replace(/^\S+ ?/, '') : words;
  const asks = [stripped, ...texts.map(wordsOf)].flatMap((one) => askedBy(one, dropped) ?? []);
  return {
    isList,
    asks,
    kind: isCount ? 'count' : kind,
    verb,
    part: /\b(?:first|given) name$/.test(words)
      ? 'first'
      : /\b(?:last|family) name$|\bsurname$/.test(words)
        ? 'last'
        : undefined,
  };
};
