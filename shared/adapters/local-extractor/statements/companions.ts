import type { Word } from '../text/tagger.ts';

const companions =
  /^((?:(?:[Mm]y|[Oo]ur|[Aa]|[Ss]ome|[Tt]he|[A-Z][a-z]+)\b)(?: [\w'-]+){0,4}?),? and (?:I|me) (?=\w)/;
const meFirst = /^(?:[Mm]e|I) and ((?:my|our) [\w'-]+|[A-Z][\w'-]+) (?=\w)/;

const lowerDeterminer = (phrase: string): string =>
  phrase.replace(/^(?:My|Our|A|Some|The)\b/, (word) => word.toLowerCase());

/** "My wife and I moved" -> "I (with my wife) moved": what two did, each did. */
export const moveCompanions = (text: string, tag: (text: string) => Word[]): string => {
  const who = companions.exec(text)?.[1];
  if (who !== undefined && tag(who).some(({ pos }) => pos === 'VERB' || pos === 'AUX')) return text;
  const inFront = (_: string, company: string) => `I (with ${lowerDeterminer(company)}) `;
  return text.replace(companions, inFront).replace(meFirst, inFront);
};
