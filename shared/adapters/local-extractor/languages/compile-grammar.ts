import type { Grammar, Negation } from './grammar.ts';

/** A predicate that is compiled for one person. */
interface Predicate {
  pattern: RegExp;
  english: string;
  /** The value is a name. */
  isNamed: boolean;
  /** The pattern has the negation of its language, so that no other one is looked for. */
  isNegative: boolean;
}

interface TimePhrase {
  pattern: RegExp;
  english: string;
}

/** A grammar with its patterns compiled. */
export interface Language {
  /** Predicates of the first and of the third person. */
  first: readonly Predicate[];
  third: readonly Predicate[];
  /** Predicates of the fate of a thing or a person of any name. */
  fates: readonly Predicate[];
  times: readonly TimePhrase[];
  negations: readonly (readonly [RegExp, string, Negation])[];
  self: RegExp;
  inverted: RegExp | undefined;
  ofSpeaker: RegExp;
  /** "my" in front of a value. */
  possessive: RegExp;
  filler: RegExp;
  asks: RegExp;
  between: RegExp;
  /** Conjunction within a value. */
  conjunction: RegExp;
  article: RegExp;
  definite: RegExp;
  counter: RegExp;
  named: RegExp;
  nouns: ReadonlyMap<string, string>;
  languages: ReadonlyMap<string, string>;
  /** English words by the forms of numbers, weekdays, months and units. */
  words: ReadonlyMap<string, readonly (readonly [RegExp, string])[]>;
  isUnspaced: boolean;
  dropsPronoun: boolean;
  /** Beginnings of statements of the speaker that need no pronoun. */
  ownStart: RegExp;
}

const englishNumbers = 'one two three four five six seven eight nine ten'.split(' ');
const englishWeekdays = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');
const englishMonths =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

const pairsOf = (text: string): [string, string][] =>
  text.split(' ').map((pair) => {
    const [form = '', english = ''] = pair.split('=');
    return [form, english];
  });

const formsOf = (text: string, english: readonly string[]): [string, string][] =>
  text.split(' ').map((form, at) => [form, english[at] ?? '']);

const alternatives = (forms: readonly (readonly [string, string])[]): string =>
  `(?:${forms.map(([form]) => form).join('|')})`;

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'iu');

const negativeWord =
  /(?:^|[^\p{L}])(?:no|não|non|ne|pas|nicht|kein|geen|не|нет)(?![\p{L}])|不|没|ない|ません/iu;

/** Parts of `{vivo;vive}`: the forms of the first and of the third person. */
const persons = /\{([^{};]*);([^{}]*)\}/g;

const isAbsent = (form: string, other: string): boolean =>
  form === '#' || (form === '' && other !== '');

/** The pattern for one person; undefined where the predicate has no such person. */
const ofPerson = (pattern: string, person: 1 | 3): string | undefined => {
  const pairs = [...pattern.matchAll(persons)];
  if (person === 3 && pairs.length === 0) return undefined;
  if (person === 1 && pairs.some(([, first = '', third = '']) => isAbsent(first, third)))
    return undefined;
  return pattern.replace(persons, (_, first: string, third: string) =>
    person === 1 ? `(?:${first})` : `(?:${third})`,
  );
};

/** Compiles the patterns of a grammar. */
export const compileGrammar = (grammar: Grammar): Language => {
  const isUnspaced = grammar.particles !== undefined;
  const numbers = formsOf(grammar.numbers, englishNumbers);
  const weekdays = formsOf(grammar.weekdays, englishWeekdays);
  const months = formsOf(grammar.months, englishMonths);
  const units = pairsOf(grammar.units);
  const languages = pairsOf(grammar.languages);
  const nouns = pairsOf(grammar.nouns);
  const space = isUnspaced ? '' : ' ';
  const [before, after] = isUnspaced ? ['', ''] : ['(?<![\\p{L}\\p{N}])', '(?![\\p{L}\\p{N}])'];
  const tokens: { readonly [token: string]: string } = {
    '{D}': `(?<D>${alternatives(weekdays)})`,
    '{M}': `(?<M>${alternatives(months)})`,
    '{N}': `(?<N>\\d{1,3}|${alternatives(numbers)})`,
    '{A}': `(?<A>\\d{1,3}|${alternatives(numbers)})`,
    '{U}': `(?<U>${alternatives(units)})`,
    '{L}': `(?<L>${alternatives(languages)})`,
    '{Y}': '(?<Y>(?:19|20)\\d\\d)',
    '{d}': '(?<d>\\d{1,2})',
    '{h}': `(?<h>\\d{1,2}(?:[:.h]\\d\\d)?|${alternatives(numbers)})`,
  };
  const expand = (pattern: string): string =>
    pattern
      .replace(/(?<!\\p)\{[A-Za-z]\}/g, (token) => tokens[token] ?? token)
      .replace(/[$%]/g, () => '(?<value>\\S.{0,100}?)');

  const predicatesOf = (person: 1 | 3): Predicate[] =>
    grammar.statements.flatMap(([pattern, english]) => {
      const form = ofPerson(pattern, person);
      if (form === undefined) return [];
      return [
        {
          pattern: whole(expand(form)),
          english,
          isNamed: pattern.includes('%'),
          isNegative: negativeWord.test(pattern),
        },
      ];
    });

  const fatesOf = (): Predicate[] =>
    grammar.statements
      .filter(([, english]) => /^(?:died|was (?:cancelled|stolen|moved))$/.test(english))
      .map(([pattern, english]) => ({
        pattern: whole(
          `(?:(?<my>${grammar.my})${space}|(?:${grammar.the})${space})?(?<thing>\\S.{0,60}?)${space}${expand(ofPerson(pattern, 3) ?? pattern)}`,
        ),
        english,
        isNamed: false,
        isNegative: false,
      }));

  const compiled = (forms: readonly (readonly [string, string])[]): (readonly [RegExp, string])[] =>
    forms.map(([form, english]) => [whole(form), english]);

  return {
    first: predicatesOf(1),
    third: predicatesOf(3),
    fates: fatesOf(),
    times: grammar.times.map(([pattern, english]) => ({
      pattern: new RegExp(`${before}(?:${expand(pattern)})${after}`, 'iu'),
      english,
    })),
    negations: grammar.negations,
    self: new RegExp(`^(?:${grammar.self})(?:${isUnspaced ? '' : "(?<=['’])|[ ,]+"})`, 'iu'),
    inverted: grammar.inverts
      ? new RegExp(`^(\\p{L}+) (?:${grammar.self})(?= |$)`, 'iu')
      : undefined,
    ofSpeaker: new RegExp(
      `^(?:${grammar.my})${space}(${nouns.map(([form]) => form).join('|')})(?:${isUnspaced ? grammar.particles : ",?(?<name> \\p{L}[\\p{L}'-]+)?,? "})(?=\\S)`,
      'iu',
    ),
    possessive: new RegExp(`^(?:${grammar.my})${space}(?=\\S)`, 'iu'),
    filler: new RegExp(`^(?:${grammar.fillers})${isUnspaced ? '、?，?' : '[,:]? '}`, 'iu'),
    asks: new RegExp(`^[¿¡]?(?:${grammar.asks})${after}`, 'iu'),
    between: new RegExp(
      isUnspaced
        ? `([、，,；;]|(?:${grammar.and})(?=\\S))`
        : `(,? (?:${grammar.and}) |[,;] | [-–—] )`,
      'iu',
    ),
    conjunction: new RegExp(isUnspaced ? '(?!)' : ` (?:${grammar.and}) `, 'iu'),
    article: new RegExp(`^(?:${grammar.article})${space}`, 'iu'),
    definite: new RegExp(`^(?:${grammar.the})(?:${isUnspaced ? '' : "(?<=['’])|"}${space})`, 'iu'),
    counter: new RegExp(
      `^(?<N>\\d{1,3}|${alternatives(numbers)})${isUnspaced ? '(?:只|个|個|条|匹|名|位|台|辆|頭|羽|人)' : ' '}`,
      'iu',
    ),
    named: new RegExp(`${space}(?:${grammar.named})${space}(?=\\S)`, 'iu'),
    nouns: new Map(nouns),
    languages: new Map(languages),
    words: new Map([
      ['N', compiled(numbers)],
      ['A', compiled(numbers)],
      ['h', compiled(numbers.map(([form], at) => [form, `${at + 1}`]))],
      ['D', compiled(weekdays)],
      ['M', compiled(months)],
      ['U', compiled(units)],
      ['L', compiled(languages)],
    ]),
    isUnspaced,
    dropsPronoun: grammar.dropsPronoun === true,
    ownStart: new RegExp(`^(?:${grammar.ownStart ?? '(?!)'})`, 'iu'),
  };
};
