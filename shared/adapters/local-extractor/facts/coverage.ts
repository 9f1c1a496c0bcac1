import { analyze } from '../../../domain/memory/analyzer.ts';
import { piecesOf } from '../../../domain/memory/text-pieces.ts';
import { isSpoken } from '../statements/mails.ts';
import { expandContractions, stripDiscourseMarkers } from '../statements/normalize-sentence.ts';
import { isReport } from '../statements/other-statements.ts';
import { isCommand, parseDeletionRequest } from '../statements/requests.ts';
import { isAsked, isSmallTalk, joinAnswers } from '../statements/small-talk.ts';
import { takenBack } from '../statements/taken-back.ts';
import { longSentencesOf, proseLines, sentencesOf, tableRows } from '../text/clean-text.ts';
import { isGreeting } from '../text/language-detection.ts';
import type { Word } from '../text/tagger.ts';
import type { ExtractionContext, Finding } from './finding.ts';
import { readsAsEnglish } from './foreign-findings.ts';

/** Words that say nothing by themselves: times, which a memory has as dates, and words of greetings, of a mail and of the conversation. */
const general = new Set(
  (
    'thing way lot bit day week month year hour minute second time today tomorrow yesterday tonight morning evening afternoon night ' +
    'monday tuesday wednesday thursday friday saturday sunday mon tue wed thu thur fri sat sun weekend fortnight while end start ' +
    'january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept ' +
    'oct nov dec zero one two three four five six seven eight nine ten am pm ago spring summer autumn winter new year eve ' +
    'hi hey hello thanks thank thx ty cheers regards best congrats omg lol tbh brb hmm hm ha haha wow please pls plz sorry sense ' +
    'worry problem mind super million sec lifesaver idea question note news update fyi btw ps fwd reply message text mail email ' +
    'answer chat subject reference fact luck help hope mistake scratch heads heart u ur self memo reminder quick note good great bye mine ' +
    'todo agenda list item summary info key to do done option christmas halloween easter thanksgiving valentine boxing'
  )
    .split(' ')
    .flatMap((word) => analyze(word)),
);

/** Days and clock times, which a memory has in other words. */
const times =
  /\[[^\]]{0,40}\d[^\]]{0,20}\]|\b\d{1,4}[./-]\d{1,2}(?:[./-]\d{1,4})?\.?(?!\d)|\b\d{1,2}[:.]\d\d(?::\d\d)?(?: ?[ap]m)?\b|\b\d{1,2}(?:st|nd|rd|th)\b|\b\d+ (?:day|week|month|year)s?\b|\b\d{1,2}\.? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.? \d{1,2}\b/gi;

/** Boundaries of the clauses of a sentence. */
const between =
  /(?:[,;:.!]| [-–—]+)\s+|,? (?:and|but|so|because|since|although|though|while|whereas|which|plus) (?=\S+ \S)/i;

const nouns: ReadonlySet<string> = new Set(['NOUN', 'PROPN', 'NUM', 'SYM', 'X']);
const verbs: ReadonlySet<string> = new Set(['VERB', 'AUX']);

/** Suppositions, and words to the reader, which state nothing. */
const supposes =
  /^(?:(?:yo|hey|hi|so),? )?(?:if|what if|unless|suppose|imagine|in (?:my|the|this|a) (?:story|novel|game|dream|book|film|play)|once upon|you|your|let|hope|good luck|happy|need (?:some |your )?(?:ideas|help|advice|tips)|need an? (?:[\w-]+ ){0,2}(?:list|recipe|plan|title|name|word|idea|synonym|summary)|as (?:you|always)|not (?:bad|sure|really|yet|much|too|at all|that)|according to)\b/i;
/** A thing that is asked for: "best pizza dough recipe pls". */
const pleads = /^(?!.*\b(?:I|my|we|our)\b).*\b(?:pls|please|plz)[.!]*$/i;
/** Words that only name who said what is behind the colon. */
const attributes =
  /\b(?:wrote|writes|texted|messaged|emailed|posted|says?|said|told (?:me|us)|replied|asked|goes|reminds? (?:me|us))(?: (?:back|today|yesterday|me|us))?$/i;
const opening =
  /^(?:(?:and|but|so|or|ok|okay|well|please|also|then|ah|oh|yo|hey|(?:yes|no)(?=,)),? ){1,3}/i;
/** A label with its value, as notes have. */
const labelled = /^[\p{L}\d][\p{L}\d' .&-]{0,30}(?:: |\? (?!$)| ?(?:=|->|→) ?)\S/u;
/** A label without a verb of a request. */
const equated = /^[\p{L}\d' .&-]{1,31} ?(?:=|->|→)/u;

/** Terms of a text that neither a memory of it has nor other words may say. */
const missingTerms = (text: string, said: ReadonlySet<string>): Set<string> =>
  new Set(analyze(text).filter((term) => !said.has(term) && !general.has(term)));

/** A day or a clock time, which makes an event of a noun: "viva at two". */
const timed =
  /\d|\b(?:today|tomorrow|tonight|noon|midnight|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|at (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half))\b/i;

/** A subject that the conversation alone explains. */
const pronoun = /^(?:it|this|that|these|those|they|there)\b/i;

/** Whether a clause with words that no memory has states something. */
const states = (clause: string, missing: ReadonlySet<string>, words: readonly Word[]): boolean => {
  const lost = words.filter(
    ({ pos, text }) => nouns.has(pos) && analyze(text).some((term) => missing.has(term)),
  );
  if (lost.length === 0) return false;
  const isNamed = lost.some(({ pos, text }) => pos === 'NUM' || /\d|^\p{Lu}\p{L}/u.test(text));
  if (pronoun.test(clause) && !isNamed && lost.length < 2) return false;
  return (
    isNamed ||
    lost.length > 1 ||
    timed.test(clause) ||
    words.some(({ pos }) => verbs.has(pos)) ||
    isReport(clause)
  );
};

/** A clause without its subject that begins as a question does: "has a nice beach". */
const possesses =
  /^has (?:an?|no|the|his|her|their|some|many|several|one|two|three|four|five|six|\d+) (?!.{0,300}\?)/i;

/** Whether a clause asks, requests, supposes or greets. */
const isEmpty = (clause: string, { tag }: ExtractionContext): boolean =>
  supposes.test(clause) ||
  attributes.test(clause) ||
  (!labelled.test(clause) &&
    !possesses.test(clause) &&
    (isAsked(clause) || isCommand(clause, tag))) ||
  isSmallTalk(clause);

const asksBehind =
  /: (?:what|who|where|when|why|how|which|can|could|would|should|is|are|do|does)\b/i;

/** Whether a sentence is a label with its value, of which any word may be the one that counts. */
const isNote = (sentence: string, { tag }: ExtractionContext): boolean =>
  labelled.test(sentence) &&
  !asksBehind.test(sentence) &&
  (equated.test(sentence) || !isCommand(sentence, tag));

/** A quote, whose words are not those of the person who says the sentence. */
const quoted = /["“”„«»]/u;
const quotes = /["“„«]([^"“”„«»]{1,600})["“”»]/gu;

/** Clauses of a sentence; a quote in it is one. */
const clausesOf = (sentence: string): string[] => [
  ...sentence.replace(quotes, ' ').split(between),
  ...Array.from(sentence.matchAll(quotes), ([quote]) => quote),
];

/** Words behind a label. */
const valueIn = (note: string): string => note.slice(note.search(/[:=?>→]/) + 1);

/** Whether no memory has the value of a note. A day may be the value: "buy nothing month = November". */
const isUnsaidValue = (value: string, said: ReadonlySet<string>): boolean =>
  value.includes(' ')
    ? missingTerms(value.replace(times, ' '), said).size > 0
    : analyze(value).some((term) => !said.has(term));

const sender = /^(?:system|assistant|user|human|ai): /i;

/** Terms of a sentence that its dates replace. */
const rewritten = (
  sentence: string,
  { dates, observedAt, utcOffset }: ExtractionContext,
): string[] => {
  const left = new Set(analyze(dates(sentence, observedAt, utcOffset)));
  return analyze(sentence).filter((term) => !left.has(term));
};

const union = (said: ReadonlySet<string>, terms: readonly string[]): ReadonlySet<string> =>
  terms.length === 0 ? said : new Set([...said, ...terms]);

/** Clauses of a sentence that state what no memory has. */
const unsaidClauses = (
  whole: string,
  said: ReadonlySet<string>,
  isOfNotes: boolean,
  context: ExtractionContext,
): string[] => {
  if (missingTerms(whole, said).size === 0 && !labelled.test(whole)) return [];
  const sentence = stripDiscourseMarkers(expandContractions(whole), context.people).replace(
    sender,
    '',
  );
  if (/:$/.test(sentence) || pleads.test(whole)) return [];
  if (/\?["'”’)\]]*$/.test(sentence) && !labelled.test(sentence)) return [];
  if (parseDeletionRequest(sentence) || takenBack(sentence)) return [];
  const known = union(said, rewritten(sentence, context));
  if (isNote(sentence, context))
    return isUnsaidValue(valueIn(sentence).trim(), known) ? [sentence] : [];
  const isRequest = isAsked(sentence) || isCommand(sentence, context.tag);
  return clausesOf(sentence)
    .map((clause) => clause.replace(opening, '').trim())
    .filter((clause) => {
      const missing = missingTerms(clause.replace(times, ' '), known);
      return (
        missing.size > 0 &&
        !isEmpty(clause, context) &&
        !(isRequest && context.tag(clause)[0]?.pos === 'VERB') &&
        (isOfNotes || states(clause, missing, context.tag(clause)))
      );
    });
};

/** Terms that the findings of a text have. */
const termsOf = (findings: readonly Finding[]): Set<string> =>
  new Set(
    findings.flatMap((finding) => {
      if (finding.kind === 'fact' || finding.kind === 'unread') return analyze(finding.text);
      if (finding.kind === 'retraction') return analyze(finding.fact);
      if (finding.kind === 'topic') return analyze(finding.topic);
      return finding.kind === 'replacement' ? analyze(JSON.stringify(finding)) : [];
    }),
  );

/** Rows of notes, which need neither a noun nor a verb: "single", "renting". */
const maxNoteWords = 4;
const isNotes = (rows: readonly string[]): boolean =>
  rows.length > 1 && rows.every((row) => row.split(' ').length <= maxNoteWords && !/\?$/.test(row));

/** Sentences that are compared, of one text. */
const maxSentences = 200;
/** More sentences that no memory has are kept as one text. */
const maxKept = 4;

/** Clauses of a sentence that are compared one by one; one with more is an enumeration, and compared as a whole. */
const maxClauses = 10;
/** Clauses of one text that are read by themselves. */
const maxClausesRead = 100;

/** How the clauses of a text are read, and how a sentence of it is kept as said. */
export interface Reading {
  read(clause: string): readonly Finding[];
  keep(sentence: string): Finding;
}

/** Facts that a clause gives when it is read by itself; undefined unless they have what is missing. */
const newsIn = (
  clause: string,
  said: ReadonlySet<string>,
  { read }: Reading,
): readonly Finding[] | undefined => {
  if (quoted.test(clause)) return undefined;
  const missing = missingTerms(clause, said);
  const news = read(clause).filter(
    (finding) =>
      finding.kind === 'fact' && [...termsOf([finding])].some((term) => missing.has(term)),
  );
  return news.length > 0 && !news.some((finding) => 'verbatim' in finding) ? news : undefined;
};

/** Rows of a text that a person says in English. */
const spokenRows = (text: string): string[] =>
  proseLines(text).filter((row) => isSpoken(row) && !isGreeting(row) && readsAsEnglish(row));

/** Texts, and what was read of them so far. */
interface Comparison {
  said: Set<string>;
  areNotes: boolean;
  clausesLeft: number;
}

/** Facts that the clauses of a sentence give by themselves; undefined if one gives nothing, so that the sentence is to be kept. */
const newsOfSentence = (
  sentence: string,
  comparison: Comparison,
  context: ExtractionContext,
  reading: Reading,
): readonly Finding[] | undefined => {
  const { said, areNotes } = comparison;
  if (clausesOf(sentence).length > maxClauses)
    return missingTerms(sentence, said).size > 0 && !isAsked(sentence) ? undefined : [];
  const all: Finding[] = [];
  for (const clause of unsaidClauses(sentence, said, areNotes, context)) {
    comparison.clausesLeft -= 1;
    const news = comparison.clausesLeft < 0 ? undefined : newsIn(clause, said, reading);
    if (!news) return undefined;
    all.push(...news);
  }
  return all;
};

/**
 * Compares a text with the findings of it, as the last thing: each clause that states something has its nouns, names and numbers in a
 * finding. Other clauses are read by themselves, and their sentence is kept as it was said if that gives nothing. Returns what is to be
 * added. Rows of a table that no finding has are kept as they are. The work is bounded: of a text so many sentences and clauses.
 */
export const leftUnsaid = (
  text: string,
  findings: readonly Finding[],
  context: ExtractionContext,
  reading: Reading,
): Finding[] => {
  const said = termsOf(findings);
  const comparison = {
    said,
    areNotes: isNotes(text.trim().split('\n')),
    clausesLeft: maxClausesRead,
  };
  const added: Finding[] = [];
  const kept = new Set<string>();
  const rows = spokenRows(text);
  for (const sentence of joinAnswers(rows.flatMap(sentencesOf)).slice(0, maxSentences)) {
    const news = newsOfSentence(sentence, comparison, context, reading);
    if (news) added.push(...news);
    else kept.add(sentence);
    for (const term of analyze(sentence)) said.add(term);
  }
  const unread = rows
    .flatMap(longSentencesOf)
    .filter((sentence) => missingTerms(sentence, said).size > 0 && !isAsked(sentence))
    .join('\n');
  const all = [...kept];
  const table = tableRows(text)
    .filter(({ cells }) => missingTerms(cells, said).size > 0)
    .map((row) => row.text)
    .join('\n');
  const texts = [...(all.length > maxKept ? [all.join('\n')] : all), unread, table];
  return [
    ...added,
    ...texts
      .filter((one) => one !== '')
      .flatMap((one) => piecesOf(one))
      .map(reading.keep),
  ];
};
