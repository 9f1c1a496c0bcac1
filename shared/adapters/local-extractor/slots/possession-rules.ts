import { analyze } from '../../../domain/memory/analyzer.ts';
import type { Slot, SlotRule } from './slot.ts';
import { headOf, stemsOf } from './slot.ts';

const group = (match: RegExpExecArray, i = 1): string => match[i] ?? '';
const lead = '(?:now |currently |still |also |just |recently |has |have |actually |finally )*';
const makes =
  '(?:acura|audi|bmw|buick|cadillac|chevrolet|chevy|chrysler|dodge|ferrari|fiat|ford|honda|hyundai|jaguar|jeep|kia|lexus|lucid|mazda|mercedes|mini cooper|mitsubishi|nissan|peugeot|polestar|porsche|prius|ram|renault|rivian|saab|seat|skoda|subaru|suzuki|tesla|toyota|vauxhall|volkswagen|volvo|vw|civic|corolla|camry|model [3sxy])';
const vehicleWords = /^(?:car|vehicle|truck|suv|van|motorcycle|ride)$/i;
const isMake = new RegExp(`^(?:\\w+ ){0,3}?${makes}\\b`, 'i');
const numbers: { readonly [word: string]: string } = {
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
};
const counted =
  /^(?:kids?|children|sons?|daughters?|brothers?|sisters?|siblings?|dogs?|cats?|grandchildren|grandkids)$/i;

const vehicle = (phrase: string, one: boolean): Slot => ({
  key: 'vehicle',
  value: stemsOf(phrase),
  one,
});

const nounOf = (phrase: string): string =>
  headOf(phrase)
    .replace(/ (?:named|called|who|that|which|of|in|at|to|and) .*$/is, '')
    .split(' ')
    .at(-1) ?? '';

const named = / (?:named|called) ([\p{Lu}][\p{L}'-]*(?: (?:and )?[\p{Lu}][\p{L}'-]*)*)/u;

/** Slot of a possession, by its noun: "has a brown dog named Rex" is has:dog, value Rex. */
const possession = (phrase: string): Slot[] => {
  const noun = nounOf(phrase);
  if (noun === '') return [];
  if (isMake.test(phrase)) return [vehicle(phrase, false)];
  const key = `has:${analyze(noun).join(' ')}`;
  const name = named.exec(` ${phrase}`)?.[1];
  const thing: Slot = { key, value: name ? stemsOf(name) : '', one: false };
  return vehicleWords.test(noun) ? [thing, { key: 'vehicle', value: '', one: false }] : [thing];
};

const number = (match: RegExpExecArray): Slot[] => {
  const amount = group(match).toLowerCase();
  const noun = nounOf(group(match, 2));
  if (!counted.test(noun)) return possession(group(match, 2));
  return [{ key: `count:${analyze(noun).join(' ')}`, value: numbers[amount] ?? amount, one: true }];
};

const endedPossession = (phrase: string): Slot[] =>
  possession(phrase.replace(/^(?:their|the|an?) /i, '')).map((slot) => ({
    ...slot,
    ended: true,
    event: true,
  }));

/** Possessions, people counted as such, vehicles, and the loss of any of them. */
export const possessionRules: readonly SlotRule[] = [
  [
    new RegExp(
      `^(?=.*$)${lead}(?:traded(?: in)?|replaced|swapped|exchanged|sold) (?:their |the )?(.+?) (?:for|with|and (?:got|bought)) (?:an? )?(${makes}.*)$`,
      'i',
    ),
    (match) => [vehicle(group(match, 2), true)],
  ],
  [
    new RegExp(
      `^(?=.*$)${lead}(?:drives|is driving|switched to) (?:an? |the |their )?(?:new )?(${makes}.*)$`,
      'i',
    ),
    (match) => [vehicle(group(match), true)],
  ],
  [new RegExp(`^(?=.*$)${lead}drives (.+)$`, 'i'), (match) => [vehicle(group(match), true)]],
  [
    new RegExp(
      `^(?=.*$)${lead}(?:sold|got rid of|gave away|traded in|totaled|lost|returned) ((?:their|the) .+)$`,
      'i',
    ),
    (match) => endedPossession(group(match)),
  ],
  [
    new RegExp(`^(?=.*$)${lead}(?:has|owns|got) (two|three|four|five|six|seven|\\d+) (.+)$`, 'i'),
    number,
  ],
  [
    new RegExp(
      `^(?=.*$)${lead}(?:has|owns|got|bought|adopted|leases|purchased) (?:an? |one |another )(.+)$`,
      'i',
    ),
    (match) => possession(group(match)),
  ],
  [
    new RegExp(
      `^(?=.*$)${lead}(?:has|owns) (?!(?:been|to|had|never|always|just|also|already|not|gotten|become|a lot|\\w+ed)\\b)(?:any )?(.+)$`,
      'i',
    ),
    (match) => possession(group(match)),
  ],
];
