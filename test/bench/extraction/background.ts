import { hasPattern, normalize } from './patterns.ts';

/** A statement of the person before the case begins, and the patterns of cases that it may have to do with. */
type Statement = readonly [text: string, related: string];

/** Statements of other subjects. */
const others: readonly Statement[] = [
  ['I have two brothers, Finn and Arne.', 'brother|sibling|finn|arne'],
  ['I broke my collarbone in 2011.', 'collarbone|broke|bone|2011|hospital'],
  ['My favourite season is autumn.', 'season|autumn|favo|fall '],
  ['I collect old postcards.', 'postcard|collect'],
  ['I went to school in Norwich.', 'norwich|school|pupil|student'],
  ['I am scared of spiders.', 'spider|scared|afraid'],
  ['My grandmother was a seamstress.', 'grandm|grandp|seamstress|granny'],
  ['I speak Portuguese.', 'portug|speak|language|learn|spanish|french|german|italian'],
  ['I have a fig tree on the balcony.', 'fig|tree|balcony|plant|garden'],
  ['I bake sourdough on rainy days.', 'bake|bread|sourdough|baker|rain'],
  ['I wrote my thesis about glaciers.', 'thesis|glacier|wrote|study|studi|phd'],
  ['I visited Iceland in 2017.', 'iceland|2017|visit|trip|travel|fly|flight|holiday|vacation'],
];

/** Statements with an amount, a time, a name or a place, as many changes have. */
const alike: readonly Statement[] = [
  ['I pay 35 a month for the gym.', 'gym|member|studio|fitness'],
  ['My hairdresser is called Paula.', 'hair|paula|salon'],
  ['I take a vitamin D pill every morning.', 'vitamin|pill|tablet'],
  ['I have piano lessons on Tuesdays.', 'piano|lesson'],
  ['I have three cousins.', 'cousin'],
  ['My desk lamp cost 40 dollars.', 'lamp|desk'],
  ['My aunt lives in Malmo.', 'aunt|uncle|malmo'],
  ['I own a blue kayak.', 'kayak|boat'],
  ['My sister-in-law works at a museum.', 'in-law|in law|museum'],
  ['The bins are collected on Mondays.', 'bin|trash|garbage|rubbish|recycl'],
  ['My shoe size is 41.', 'shoe|size'],
  ['I have a subscription to the local paper.', 'paper|subscri'],
  ['My cousin is vegan.', 'cousin|vegan|vegetarian'],
  ['I am allergic to mould.', 'mold|mould'],
  ['My uncle drives a tractor.', 'uncle|tractor'],
  ['I drink two litres of water a day.', 'water|litre|liter'],
  ['My tax adviser is Mr. Brandt.', 'tax|brandt|advis'],
  ['I keep my skis in the cellar.', 'ski|cellar|basement'],
];

/** Statements of each list that a case begins with. */
const maxOthers = 3;
const maxAlike = 6;

/** A number that depends on the text alone. */
const hashOf = (text: string): number => {
  let hash = 7;
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003;
  return hash;
};

const choose = (statements: readonly Statement[], max: number, id: string, text: string) => {
  const fit = statements.filter(([, related]) => !hasPattern(text, related));
  const start = hashOf(id) % Math.max(fit.length, 1);
  return [...fit.slice(start), ...fit.slice(0, start)].slice(0, max);
};

/**
 * Statements about other things than a case, which its changes must leave alone. The same case has the same ones.
 * @param said all messages of the case
 */
export const unrelatedTo = (id: string, said: string): string[] => {
  const text = normalize(said);
  const chosen = [...choose(others, maxOthers, id, text), ...choose(alike, maxAlike, id, text)];
  return chosen.map(([statement]) => statement);
};
