import { cutEnd } from '../text/clean-text.ts';
import { isPast, thirdPerson } from '../text/verb-forms.ts';
import type { Language } from './compile-grammar.ts';
import type { Negation } from './grammar.ts';

/** Subject of a clause: the speaker, or a person or a thing of the speaker. */
export interface Subject {
  /** English noun with a name: "sister Ana". Undefined for the speaker. */
  of?: string;
  /** The subject is no possession of the speaker: a name, "The match". */
  other?: string;
}

export interface Statement {
  /** In English and the third person; the value keeps its language. Dates are relative. */
  text: string;
  subject: Subject;
}

/** A clause without its times, and the times in English. */
interface Timed {
  text: string;
  times: string;
}

const englishOf = (language: Language, token: string, form: string): string => {
  const known = language.words.get(token)?.find(([pattern]) => pattern.test(form));
  if (known) return known[1];
  return token === 'h' && /^(?:1[3-9]|2[0-3])$/.test(form)
    ? `${form}:00`
    : form.replace(/[.h](?=\d\d$)/, ':');
};

/** Puts English words in place of the tokens of a phrase. */
const filled = (
  language: Language,
  english: string,
  groups: { readonly [token: string]: string | undefined } | undefined,
): string =>
  english.replace(/\{([A-Za-z])\}/g, (_, token: string) =>
    englishOf(language, token, groups?.[token] ?? ''),
  );

/** Takes the phrases of time out of a clause. */
const withoutTimes = (language: Language, clause: string): Timed => {
  let text = clause;
  const found: { at: number; english: string }[] = [];
  for (const { pattern, english } of language.times) {
    const match = pattern.exec(text);
    if (!match) continue;
    found.push({
      at: clause.indexOf(match[0]),
      english: filled(language, english, match.groups),
    });
    text = `${text.slice(0, match.index)}${language.isUnspaced ? '' : ' '}${text.slice(match.index + match[0].length)}`;
  }
  const times = found.sort((a, b) => a.at - b.at).map(({ english }) => english);
  return {
    text: cutEnd(text.replace(/\s+/g, ' ').replace(/^[\s,，、]+/, ''), /[\s,，、]/),
    times: times.filter(Boolean).join(' '),
  };
};

const articleOf = (noun: string): string => (/^[aeiou]/i.test(noun) ? 'an' : 'a');
const isPlural = (noun: string): boolean => /(?:s|children)$/.test(noun);

/** A noun of the dictionary at the beginning of a phrase, in English, with what follows. */
const nounAt = (language: Language, phrase: string): { noun: string; rest: string } | undefined => {
  if (language.isUnspaced) {
    const noun = language.nouns.get(phrase);
    return noun === undefined ? undefined : { noun, rest: '' };
  }
  const [first = '', ...others] = phrase.split(' ');
  const noun = language.nouns.get(first.toLowerCase());
  return noun === undefined
    ? undefined
    : { noun, rest: others.length > 0 ? ` ${others.join(' ')}` : '' };
};

/** A phrase with the common noun at its beginning in English. */
const inEnglish = (language: Language, phrase: string): string => {
  const known = nounAt(language, phrase);
  return known ? known.noun + known.rest : phrase;
};

/** Words such as "please", anywhere in a clause. */
const politeness =
  /,? ?(?<!\p{L})(?:por favor|bitte|s['’]il (?:te|vous) plaît|stp|per favore|per piacere|alsjeblieft|alstublieft|пожалуйста)(?!\p{L}),? ?/iu;

/** How a value is read: as a thing that gets an article, as something counted, or as it is. */
type ValueKind = 'thing' | 'counted' | 'plain';

const nounAs = (phrase: string, noun: string | undefined, kind: ValueKind): string => {
  if (noun === undefined || isPlural(noun) || kind === 'plain') return phrase;
  return kind === 'thing' ? `${articleOf(phrase)} ${phrase}` : phrase.replace(noun, `${noun}s`);
};

/** Item with English articles, numbers and common nouns. */
const translatedItem = (language: Language, item: string, kind: ValueKind): string => {
  if (language.possessive.test(item) && !language.isUnspaced)
    return `their ${inEnglish(language, item.replace(language.possessive, ''))}`;
  const counted = language.counter.exec(item);
  const isOne = language.article.test(item);
  if (counted && !isOne) {
    const number = englishOf(language, 'N', counted.groups?.['N'] ?? '');
    return `${number} ${inEnglish(language, item.slice(counted[0].length))}`;
  }
  const bare = item.replace(language.article, '').replace(language.definite, '');
  const phrase = inEnglish(language, bare);
  if (isOne) return `${articleOf(phrase)} ${phrase}`;
  return nounAs(phrase, nounAt(language, bare)?.noun, kind);
};

/** A value with English articles, numbers and common nouns. */
const translated = (language: Language, value: string, kind: ValueKind): string =>
  value
    .replace(language.named, ' named ')
    .replace(politeness, '')
    .trim()
    .split(language.conjunction)
    .map((item) => translatedItem(language, item, kind))
    .join(' and ');

const valueKind = (english: string): ValueKind => {
  if (/^have \$/.test(english)) return 'thing';
  return /^have \{N\}/.test(english) ? 'counted' : 'plain';
};

const subjectText = (speaker: string, { of, other }: Subject): string =>
  other ?? (of === undefined ? speaker : `${speaker}'s ${of}`);

/** The verb of an English predicate in the third person, negated or not. Undefined for a past that is negated. */
const predicateOf = (english: string, negation: Negation | undefined): string | undefined => {
  const [verb = '', ...others] = english.split(' ');
  const rest = others.length > 0 ? ` ${others.join(' ')}` : '';
  if (verb === 'is') return `is${negation ? ` ${negation}` : ''}${rest}`;
  if (verb === 'was' || isPast(verb)) return negation ? undefined : english;
  if (negation === 'not') return `does not ${english}`;
  return `${negation ? 'no longer ' : ''}${thirdPerson(verb)}${rest}`;
};

const negationOf = (
  english: string,
  negation: Negation | undefined,
): Negation | undefined | 'twice' => {
  const own = english.startsWith('!') ? 'not' : english.startsWith('~') ? 'no longer' : undefined;
  return own && negation ? 'twice' : (own ?? negation);
};

/** Values that are no value: pronouns and conjunctions alone. */
const noValue =
  /^(?:que|si|dass|wenn|ob|che|se|dat|of|of|what|é|ça|cela|das|es|lo|eso|isso|quello|ciò|это|то|так)(?= |$)/iu;
const startsUpper = /^\p{Lu}/u;

const isValue = (raw: string, { isNamed }: Language['first'][number]): boolean =>
  raw !== '' && !noValue.test(raw) && (!isNamed || startsUpper.test(raw));

const renderPredicate = (
  language: Language,
  predicate: Language['first'][number],
  match: RegExpExecArray,
  negation: Negation | undefined,
): string | undefined => {
  const raw = match.groups?.['value']?.trim();
  const sense = negationOf(predicate.english, negation);
  if (sense === 'twice' || (raw !== undefined && !isValue(raw, predicate))) return undefined;
  const english = filled(language, predicate.english.replace(/^[!~]/, ''), match.groups);
  if (english.startsWith("'s ")) return sense ? undefined : english.replace('$', () => raw ?? '');
  const value = translated(language, raw ?? '', valueKind(predicate.english));
  const predicateText = predicateOf(english, sense);
  return predicateText === undefined ? undefined : ` ${predicateText.replace('$', () => value)}`;
};

/** Matches a predicate as it is, and without its negation. */
const readPredicate = (
  language: Language,
  predicates: Language['first'],
  text: string,
): string | undefined => {
  const read = (from: Language['first'], phrase: string, negation?: Negation) => {
    for (const predicate of from) {
      const match = predicate.pattern.exec(phrase);
      const found = match ? renderPredicate(language, predicate, match, negation) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const [pattern, rest, negation] of language.negations) {
    if (!pattern.test(text)) continue;
    const explicit = predicates.filter(({ isNegative }) => isNegative);
    return read(explicit, text) ?? read(predicates, text.replace(pattern, rest).trim(), negation);
  }
  return read(predicates, text);
};

const speaks: Subject = {};

interface Candidate {
  subject: Subject;
  predicate: string;
}

/** Reads a person or a thing of the speaker, with a name or without one: "mi hermana Ana vive". */
const ownSubjects = (language: Language, text: string): Candidate[] | undefined => {
  const own = language.ofSpeaker.exec(text);
  const noun = own ? language.nouns.get((own[1] ?? '').toLowerCase()) : undefined;
  if (!own || noun === undefined) return undefined;
  const name = own.groups?.['name']?.trim();
  const behind = text.slice(own[0].length).trim();
  if (name === undefined) return [{ subject: { of: noun }, predicate: behind }];
  const bare: Candidate = { subject: { of: noun }, predicate: `${name} ${behind}` };
  return startsUpper.test(name)
    ? [{ subject: { of: `${noun} ${name}` }, predicate: behind }, bare]
    : [bare];
};

/** The subjects that a clause may have, with its predicate, in the order in which they are tried. */
const subjectsIn = (
  language: Language,
  text: string,
  carried: Subject | undefined,
): Candidate[] => {
  const own = ownSubjects(language, text);
  if (own) return own;
  if (language.self.test(text))
    return [{ subject: speaks, predicate: text.replace(language.self, '') }];
  const isOfSpeaker = carried !== undefined && carried.of === undefined;
  const mayDrop = language.dropsPronoun || isOfSpeaker || language.ownStart.test(text);
  return [
    ...(language.inverted?.test(text)
      ? [{ subject: speaks, predicate: text.replace(language.inverted, '$1') }]
      : []),
    ...(mayDrop ? [{ subject: speaks, predicate: text }] : []),
    ...(carried?.of === undefined ? [] : [{ subject: carried, predicate: text }]),
  ];
};

/** Reads the fate of a thing or a person: "Fritz ist gestorben", "a viagem foi cancelada". */
const readFate = (
  language: Language,
  text: string,
): { subject: Subject; said: string } | undefined => {
  for (const { pattern, english } of language.fates) {
    const groups = pattern.exec(text)?.groups;
    const thing = groups?.['thing'];
    if (thing === undefined) continue;
    const known = nounAt(language, thing);
    if (known || groups?.['my'] !== undefined)
      return { subject: { of: known ? known.noun + known.rest : thing }, said: ` ${english}` };
    const isName = /^\p{Lu}[\p{L}'-]*$/u.test(thing);
    return { subject: { other: isName ? thing : `The ${thing}` }, said: ` ${english}` };
  }
  return undefined;
};

const readTimed = (
  language: Language,
  { text, times }: Timed,
  speaker: string,
  carried: Subject | undefined,
): Statement | undefined => {
  const end = times === '' ? '' : ` ${times}`;
  const statement = (subject: Subject, said: string): Statement => ({
    text: `${subjectText(speaker, subject)}${said}${end}.`,
    subject,
  });
  for (const { subject, predicate } of subjectsIn(language, text, carried)) {
    const predicates = subject.of === undefined ? language.first : language.third;
    const said = readPredicate(language, predicates, predicate);
    if (said !== undefined && (said !== ' is' || times !== '')) return statement(subject, said);
  }
  const fate = readFate(language, text);
  return fate && statement(fate.subject, fate.said);
};

/** Reads one clause; `carried` is the subject of the clause before. */
export const readClause = (
  language: Language,
  clause: string,
  speaker: string,
  carried: Subject | undefined,
): Statement | undefined => {
  const plain = clause.replace(politeness, ' ').trim().replace(language.filler, '');
  const timed = withoutTimes(language, plain);
  return (
    readTimed(language, timed, speaker, carried) ??
    (timed.text === plain
      ? undefined
      : readTimed(language, { text: plain, times: '' }, speaker, carried))
  );
};
