import type { Message } from '../../../domain/memory/turn.ts';
import type { DateReader } from '../dates/dates.ts';
import { clausesOf } from '../statements/clauses.ts';
import { antecedentOf, withAntecedent, withSubject } from '../statements/coreference.ts';
import { parseDeletionRequest } from '../statements/deletion-requests.ts';
import { stripDiscourseMarkers } from '../statements/discourse-markers.ts';
import { isAboutKnownName } from '../statements/known-names.ts';
import type { People } from '../statements/people.ts';
import { parseStandingInstruction } from '../statements/requests.ts';
import { hasContent, isSmallTalk } from '../statements/small-talk.ts';
import { isPersonal, statedPart } from '../statements/statements.ts';
import { maxCharacters, proseLines } from '../text/clean-text.ts';
import { expandContractions } from '../text/expand-contractions.ts';
import { foreignStatement, looksEnglish } from '../text/language-detection.ts';
import { sentencesOf } from '../text/sentences.ts';
import type { Tagger } from '../text/tagger.ts';
import { isPast } from '../text/verb-forms.ts';
import { normalizeFact } from './normalize-fact.ts';
import { type Speakers, toThirdPerson } from './third-person.ts';

/** What a message gives: a fact about its speaker, something to forget, or a reason why part of it gives nothing. */
export type Finding =
  | { kind: 'fact'; text: string }
  | { kind: 'retraction'; claim: string }
  | { kind: 'topic'; topic: string }
  /** What rules do not get to: it is kept as said. */
  | { kind: 'unread'; text: string }
  | { kind: 'nothing'; reason: string };

export interface ExtractionContext {
  tag: Tagger;
  dates: DateReader;
  observedAt: number;
  speakers: Speakers;
  /** People who talk with each other; no assistant takes instructions there. */
  isPeerChat: boolean;
  /** Everybody who speaks. */
  people: People;
  /** People and pets that earlier facts introduced. */
  known: ReadonlySet<string>;
  /** Words that make a sentence worth keeping even when it is not personal. */
  topicFilter?: RegExp | undefined;
}

const leadingDate =
  /^((?:on|in|around|a few|a couple of) [^,]{0,48}?\b(?:19|20)\d\d(?: at [\d:]+ ?(?:[ap]\.?m\.?)?)?),? ((?:I|we|my|our)\b.*?)[.!]*$/i;

const toFact = (clause: string, reading: ExtractionContext): string => {
  const { speakers, tag, dates, observedAt } = reading;
  const dated = dates(clause, observedAt)
    .replace(/^(?:today|now|currently|recently|these days|right now|lately),? (?=I\b)/i, '')
    .replace(
      leadingDate,
      (_, date: string, rest: string) => `${rest} ${date.charAt(0).toLowerCase()}${date.slice(1)}`,
    );
  return normalizeFact(toThirdPerson(dated, tag, speakers), speakers.speaker);
};

const addresses = /\b(?:you|your|yours|yourself)\b/i;

const isWorthReading = (statement: string, reading: ExtractionContext): boolean =>
  isPersonal(statement) ||
  isAboutKnownName(statement, reading.known) ||
  reading.topicFilter?.test(statement) === true;

const factsOf = (statement: string, asked: boolean, reading: ExtractionContext): Finding[] =>
  clausesOf(statement, reading.tag)
    .map((clause) => stripDiscourseMarkers(clause, reading.people))
    .filter((clause) => asked || (isWorthReading(clause, reading) && !isSmallTalk(clause)))
    .filter(
      (clause) =>
        !reading.isPeerChat || reading.speakers.addressee !== undefined || !addresses.test(clause),
    )
    .filter((clause) => hasContent(reading.tag(clause)))
    .map((clause) => ({ kind: 'fact', text: toFact(clause, reading) }));

const retractionOf = (sentence: string, reading: ExtractionContext): Finding | undefined => {
  const asked = parseDeletionRequest(sentence);
  if (!asked) return undefined;
  if ('everything' in asked)
    return {
      kind: 'nothing',
      reason: 'memories are not deleted all at once on the word of a message',
    };
  if ('topic' in asked) return { kind: 'topic', topic: asked.topic };
  return { kind: 'retraction', claim: toFact(asked.claim, reading) };
};

/** "Roast my chicken": a verb in its base form comes first. */
const isCommand = (statement: string, tag: Tagger): boolean => {
  const [first] = tag(statement);
  return first?.pos === 'VERB' && !isPast(first.lower) && !/ing$/.test(first.lower);
};

const readSentence = (
  sentence: string,
  antecedent: string | undefined,
  reading: ExtractionContext,
): Finding[] => {
  const retraction = reading.isPeerChat ? undefined : retractionOf(sentence, reading);
  if (retraction) return [retraction];
  const kept = reading.isPeerChat ? undefined : parseStandingInstruction(sentence, reading.tag);
  if (kept) return factsOf(kept.statement, kept.asked, reading);
  const stated = statedPart(sentence);
  if (stated === undefined) return [];
  const statement = withSubject(withAntecedent(stated, antecedent));
  return isWorthReading(statement, reading) && !isCommand(statement, reading.tag)
    ? factsOf(statement, false, reading)
    : [];
};

/** Sentences read of one message, so that a pasted book does not become a thousand facts. */
const maxSentences = 200;

/** "I am Sam but call me Sammy": a request joined to a statement. */
const beforeRequest = /,? (?:and|but|so),? (?=(?:please|call me|remember that)\b)/i;

const readEnglish = (sentences: readonly string[], reading: ExtractionContext): Finding[] => {
  const findings: Finding[] = [];
  let antecedent: string | undefined;
  for (const raw of sentences) {
    for (const part of expandContractions(raw).split(beforeRequest)) {
      const sentence = stripDiscourseMarkers(part, reading.people);
      findings.push(...readSentence(sentence, antecedent, reading));
      antecedent = antecedentOf(sentence) ?? antecedent;
    }
  }
  return findings;
};

const readForeign = (lines: readonly string[], { speakers }: ExtractionContext): Finding[] => {
  const said = foreignStatement(lines.join(' '));
  return said === '' ? [] : [{ kind: 'fact', text: `${speakers.speaker} said: "${said}"` }];
};

/** The facts of one message by somebody whose words count; rules read English, other languages are quoted. */
export const extractFindings = ({ content }: Message, reading: ExtractionContext): Finding[] => {
  const lines = proseLines(content);
  const english = lines.filter(looksEnglish).flatMap(sentencesOf);
  const foreign = lines.filter((line) => !looksEnglish(line));
  const findings = [
    ...readEnglish(english.slice(0, maxSentences), reading),
    ...readForeign(foreign, reading),
  ];
  const unread = [english.slice(maxSentences).join(' '), content.slice(maxCharacters)]
    .filter((text) => text.trim() !== '')
    .join('\n');
  if (unread !== '') findings.push({ kind: 'unread', text: unread.toWellFormed() });
  return findings;
};
