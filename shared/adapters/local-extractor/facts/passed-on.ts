import { isReport, readOther } from '../statements/other-statements.ts';
import { hasContent, isSmallTalk } from '../statements/small-talk.ts';
import { type ExtractionContext, type Finding, type PassedOn, toFact } from './finding.ts';

/** A date, a number or a name. */
const specific = /\d|\S \p{Lu}\p{L}|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b/u;
/** Whether a text has a date, a number or a name. */
export const isSpecific = (text: string): boolean => specific.test(text);

/** Statements of the author about the speaker. */
const aboutReader =
  /^(?:your (?!welcome\b|turn\b|call\b)|you (?:are|have|had|will|need|must|owe|can|cannot|may|were|got|should|still|may) (?!(?:so|very|too|the best|welcome|right|kidding|joking|funny|sure|it|that|this)\b))/i;

const quote = (text: string, { author }: PassedOn): Finding => ({
  kind: 'fact',
  text: author === '' ? text : `${author} said: "${text}"`,
  verbatim: true,
});

/** Begins a clause behind "said that" in lower case, names aside. */
const asClause = (
  fact: string,
  statement: string,
  { tag, speakers }: ExtractionContext,
): string => {
  const [first] = tag(statement);
  const isName =
    first?.pos === 'PROPN' ||
    /^(?:\p{Lu}{2}|\d)/u.test(statement) ||
    fact.startsWith(speakers.addressee ?? '\n') ||
    fact.startsWith(speakers.speaker);
  return isName ? fact : fact.charAt(0).toLowerCase() + fact.slice(1);
};

/** Words about their author in the third person: "according to Yusuf, he has three sons". */
const ofAuthor = /^(?:he|she) (?:is|has|was|had|will|does|[a-z]{2,12}s)\b/i;

/** Findings of a statement in passed-on words that is not about their author, as facts that name the author: "Pia said that ...". */
export const passedOnFindings = (
  statement: string,
  passedOn: PassedOn,
  context: ExtractionContext,
): Finding[] => {
  const words = context.tag(statement);
  const isAboutReader = aboutReader.test(statement) && hasContent(words);
  const kept = isAboutReader ? 'fact' : readOther(statement, words);
  if (kept === 'nothing' || isSmallTalk(statement)) return [];
  if (passedOn.isChat && !specific.test(statement) && !isReport(statement)) return [];
  const isOfAuthor = ofAuthor.test(statement) && passedOn.author !== '';
  if (kept === 'said' && !isOfAuthor) return [quote(statement, passedOn)];
  const fact = toFact(statement, context);
  if (passedOn.author === '') return [{ kind: 'fact', text: fact }];
  return [
    { kind: 'fact', text: `${passedOn.author} said that ${asClause(fact, statement, context)}` },
  ];
};

const attributed =
  /^according to ((?:(?:my|our|the|his|her) )?(?:\p{L}{2,20}['’]s )?[\p{L}.' -]{2,40}?)(?:['’]s [\p{L} ]{2,20})?(?:, (?=\S)| (?=(?:my|our|the|I|we|his|her|their|it|he|she|they)\b))/iu;

/** Author and words of "According to Pia, Sven lost his job"; undefined for other sentences. */
export const attributionOf = (
  sentence: string,
  speaker: string,
): { author: string; statement: string } | undefined => {
  const [opening, author] = attributed.exec(sentence) ?? [];
  if (opening === undefined || author === undefined) return undefined;
  const named = author.replace(/^(?:my|our) /i, `${speaker}'s `);
  return {
    author: named.charAt(0).toUpperCase() + named.slice(1),
    statement: sentence.slice(opening.length),
  };
};

/** Findings of a question or a request in passed-on words: kept as said if it has details, as an invitation has. */
export const passedOnRequest = (sentence: string, passedOn: PassedOn): Finding[] =>
  passedOn.author === '' || passedOn.isChat || !specific.test(sentence)
    ? []
    : [quote(sentence, passedOn)];
