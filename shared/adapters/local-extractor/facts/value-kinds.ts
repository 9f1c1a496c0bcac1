import { analyze } from '../../../domain/memory/analyzer.ts';

const numberWords =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred';
const amount = String.raw`(?:\d[\d.,]*|${numberWords})`;
const weekday = '(?:mon|tues|wednes|thurs|fri|satur|sun)days?';
const month =
  '(?:january|february|march|april|may|june|july|august|september|october|november|december)';

/** Kinds of values, in the order in which the text is read for them. No part of the text is read as two kinds. */
const kinds: readonly (readonly [string, RegExp])[] = [
  [
    'date',
    new RegExp(String.raw`\b\d{1,2} ${month}\b(?: \d{4})?|\bthe \d{1,2}(?:st|nd|rd|th)\b`, 'gi'),
  ],
  [
    'month',
    /\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b(?: \d{4})?/g,
  ],
  ['weekday', new RegExp(String.raw`\b${weekday}\b`, 'gi')],
  [
    'clock',
    /\b\d{1,2}(?::\d\d)? ?[ap]\.?m\b|\b(?:half(?: past)?|quarter (?:past|to)|(?:ten|twenty|five) (?:past|to)) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})\b|\b(?:at|until|till) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?! [a-z]{3,}s\b)|\b\d{1,2}:\d\d\b|\b(?:noon|midnight)\b|\b(?:at|until|till|by|around) \d{1,2}\b(?!:\d| ?(?:%|(?:k|km|kg|mg|mcg|ml|kilos?|miles?|people|guests|dollars|euros|bucks|pounds|weeks?|days?|months?|years?|hours?|minutes?|times|percent|steps|pages)\b))/gi,
  ],
  [
    'money',
    new RegExp(
      String.raw`[$€£] ?\d[\d.,]*k?|(?<=\b(?:rent|salary|price|costs?|pays?|wants|charges?|fees?|bill|owes?)\b[^.;]{0,30})\b\d{3,6}\b(?! ?(?:km|kg|mg|ml|g|steps|people|guests|pages|words|hours|days|miles)\b)|\b${amount}k? ?(?:dollars?|euros?|bucks|pounds|quid|francs|cents)\b|\b\d[\d.,]*k? (?:an?|per|each) (?:hour|day|week|month|year)\b`,
      'gi',
    ),
  ],
  [
    'dose',
    new RegExp(
      String.raw`\b${amount} ?(?:mg|mcg|ml|units?|pills?|tablets?|puffs?|drops?|%)(?=\W|$)`,
      'gi',
    ),
  ],
  [
    'measure',
    new RegExp(
      String.raw`\b${amount} ?(?:km|kms|g|grams?|oz|cups?|laps?|slices?|kilometers?|miles?|kg|kilos?|lbs?|pounds|cm|feet|hours?|minutes?|weeks?|months?|steps|pages|times|days?|people|guests|reps|liters?|litres?)\b`,
      'gi',
    ),
  ],
  [
    'size',
    /\bsize (?:\d{1,3}(?:\.5)?|xxs|xs|s|m|l|xl|xxl)\b(?: (?:rings?|gloves?|jeans|trousers|dress(?:es)?|shirts?|hats?|shoes?|skirts?|jackets?|coats?|bras?|boots|trainers|sneakers)\b)?/gi,
  ],
  [
    'place',
    /\b\d{1,2}[A-K]\b|\b(?:row|seat|gate|platform|room|floor|desk|track|terminal|bus|line|group|locker|bay|coach|carriage|table|cabin|ward|unit|chapter|level|lane|court|pitch|berth|zone|block) [A-Z\d]{1,4}\b|\b(?:first|second|third|fourth|fifth|sixth|\d+(?:st|nd|rd|th)) floor\b/gi,
  ],
];
/** Kinds of which two values are alike only in the same unit. */
const ofUnit: ReadonlySet<string> = new Set(['dose', 'measure', 'place', 'size']);
const unitOf = (value: string): string =>
  analyze(value.replace(/\d[\d.,]*/g, ' ').replace(/^[a-z]+ (?=[a-z]+$)/, '')).join(' ');
const noNoun =
  '(?!(?:is|are|was|were|for|and|or|in|at|on|of|to|an?|the|now|more|this|last|next|since|from|with|but|because|has|have|too|nowadays|lately|these)\\b)';
const counted = new RegExp(
  String.raw`\b(${amount}) (?:${noNoun}[a-z]+ )?${noNoun}([a-z]{3,})\b`,
  'gi',
);
const bare = new RegExp(String.raw`\b${amount}\b`, 'gi');
const name = /(?<=\s)(?!User\b)(?:\p{Lu}|i(?=[A-Z]))[\p{L}\d'+-]*(?: \p{Lu}[\p{L}\d'+-]*)*/gu;
const noName = new RegExp(`^(?:${weekday}|${month})$`, 'i');

/** Values of a text by their kind: times, amounts, counts of a noun, names. */
export type Values = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads the values by which facts of one frame differ. */
export const valuesOf = (text: string): Values => {
  const values = new Map<string, Set<string>>();
  const add = (kind: string, value: string): void => {
    const known = values.get(kind);
    if (known) known.add(value);
    else values.set(kind, new Set([value]));
  };
  let rest = text;
  for (const [kind, pattern] of kinds)
    rest = rest.replace(pattern, (found) => {
      const value = found.toLowerCase().replace(/^(?:at|until|till|by|around|the) /, '');
      add(ofUnit.has(kind) ? `${kind} ${unitOf(value)}` : kind, value);
      return ' ; ';
    });
  for (const [, number = '', noun = ''] of rest.matchAll(counted))
    add(`count ${analyze(noun).join(' ')}`, number.toLowerCase());
  for (const [number] of rest.matchAll(bare)) add('number', number.toLowerCase());
  for (const [found] of rest.slice(1).matchAll(name))
    if (!noName.test(found)) add('name', found.replace(/'s$/, ''));
  return values;
};

const isDifferent = (mine: ReadonlySet<string>, theirs: ReadonlySet<string>): boolean =>
  [...theirs].some((value) => !mine.has(value)) && [...mine].some((value) => !theirs.has(value));

/** Kinds of which both texts have a value, and each one that the other lacks. */
export const differingKinds = (mine: Values, theirs: Values): string[] =>
  [...mine].flatMap(([kind, values]) => {
    const others = theirs.get(kind);
    return others && isDifferent(values, others) ? [kind] : [];
  });
