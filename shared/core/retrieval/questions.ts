import { speaksOfPerson } from './query-meaning.ts';

const opensQuestion =
  /^\s*(?:who|whom|whose|what|which|where|when|why|how|is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|shall)\s+[\p{L}\p{N}]/iu;
const endsInMark = /[?？؟]["'”’)\]]*\s*$/u;
/** Length of the end of a text that is looked at. */
const endChars = 20;

/** Whether a text ends as a question. */
export const endsInQuestion = (text: string): boolean => endsInMark.test(text.slice(-endChars));

/** A single word, such as "salary", names a subject. A list of words may be of anything. */
const oneWord = /^\s*(\p{L}[\p{L}\p{M}'’-]*)\s*$/u;
/** Words of English that name no subject: pronouns, conjunctions, prepositions, auxiliaries and adverbs of degree. */
export const functionWords: ReadonlySet<string> = new Set(
  (
    'i you he she it we they me him her us them my your his its our their mine yours this that these those who whom whose which what when where why how ' +
    'and or but nor so yet if because although though while since unless until than as of to in on at by for with from into onto about over under after before between through during without within ' +
    'is am are was were be been being do does did have has had can could will would shall should may might must not no yes ' +
    'a an the some any all each every both either neither none very too quite rather just only also even still already again ever never always here there then now'
  ).split(' '),
);

/** Letters at random: one letter three times in a row, or more than three consonants alone. */
const noWord = /(\p{L})\1\1|^[b-df-hj-np-tv-xz]{4,40}$/iu;

/** Whether a query is one word that names a subject. */
export const namesSubject = (query: string): boolean => {
  const [, word] = oneWord.exec(query) ?? [];
  return word !== undefined && !functionWords.has(word.toLowerCase()) && !noWord.test(word);
};

/** Length of the start of a query that is looked at. */
const maxScannedChars = 2_000;

/** Whether a query asks something, by its form. */
export const isAsking = (query: string): boolean => {
  const start = query.slice(0, maxScannedChars);
  return endsInMark.test(start) || opensQuestion.test(start) || speaksOfPerson(start);
};
