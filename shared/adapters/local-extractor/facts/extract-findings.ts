import type { Message } from '../../../domain/memory/turn.ts';
import type { DateReader } from '../dates/dates.ts';
import { isAboutAssistant, withoutAcknowledgement } from '../statements/assistant-statements.ts';
import { clausesOf } from '../statements/clauses.ts';
import { antecedentOf, withAntecedent, withSubject } from '../statements/coreference.ts';
import { expandContractions, stripDiscourseMarkers } from '../statements/normalize-sentence.ts';
import type { People } from '../statements/people.ts';
import { isAboutKnownName } from '../statements/people.ts';
import { parseDeletionRequest, parseStandingInstruction } from '../statements/requests.ts';
import { hasContent, isPersonal, isSmallTalk, statedPart } from '../statements/small-talk.ts';
import { maxCharacters, proseLines, sentencesOf } from '../text/clean-text.ts';
import { foreignStatement, looksEnglish } from '../text/language-detection.ts';
import type { Tagger } from '../text/tagger.ts';
import { isPast } from '../text/verb-forms.ts';
import type { Topics } from '../topics.ts';
import { normalizeFact } from './normalize-fact.ts';
import { type Speakers, toThirdPerson } from './third-person.ts';

/**
 * Result of extracting a message: a fact about the speaker, a deletion request, or the reason why a part gave nothing.
 */
export type Finding =
  | { kind: 'fact'; text: string }
  | { kind: 'retraction'; fact: string }
  | { kind: 'topic'; topic: string }
  /** Text beyond the limits of the rules; stored verbatim. */
  | { kind: 'unread'; text: string }
  | { kind: 'nothing'; reason: string };

export interface ExtractionContext {
  tag: Tagger;
  dates: DateReader;
  observedAt: number;
  speakers: Speakers;
  /** Several people talk with each other: no sentence is an instruction to an assistant. */
  isPeerChat: boolean;
  people: People;
  /** Names of people and pets that earlier facts introduced. */
  known: ReadonlySet<string>;
  /** Topics that make a sentence relevant even when it is not personal. */
  topicFilter?: Topics | undefined;
}

const leadingDate =
  /^((?:on|in|around|a few|a couple of) [^,]{0,48}?\b(?:19|20)\d\d(?: at [\d:]+ ?(?:[ap]\.?m\.?)?)?),? ((?:I|we|my|our)\b.*?)[.!]*$/i;

const toFact = (clause: string, context: ExtractionContext): string => {
  const { speakers, tag, dates, observedAt } = context;
  const dated = dates(clause, observedAt)
    .replace(/^(?:today|now|currently|recently|these days|right now|lately),? (?=I\b)/i, '')
    .replace(
      leadingDate,
      (_, date: string, rest: string) => `${rest} ${date.charAt(0).toLowerCase()}${date.slice(1)}`,
    );
  return normalizeFact(toThirdPerson(dated, tag, speakers), speakers.speaker);
};

const secondPerson = /\b(?:you|your|yours|yourself)\b/i;

const isRelevant = (statement: string, context: ExtractionContext): boolean =>
  isPersonal(statement) ||
  isAboutKnownName(statement, context.known) ||
  context.topicFilter?.test(statement) === true;

/** Facts of a statement. `isRequested`: the speaker asked to remember it, so relevance is not checked. */
const factsOf = (statement: string, isRequested: boolean, context: ExtractionContext): Finding[] =>
  clausesOf(statement, context.tag)
    .map((clause) => stripDiscourseMarkers(clause, context.people))
    .filter((clause) => isRequested || (isRelevant(clause, context) && !isSmallTalk(clause)))
    .filter(
      (clause) =>
        !context.isPeerChat ||
        context.speakers.addressee !== undefined ||
        !secondPerson.test(clause),
    )
    .filter((clause) => hasContent(context.tag(clause)))
    .map((clause) => ({ kind: 'fact', text: toFact(clause, context) }));

const retractionOf = (sentence: string, context: ExtractionContext): Finding | undefined => {
  const request = parseDeletionRequest(sentence);
  if (!request) return undefined;
  if ('everything' in request)
    return {
      kind: 'nothing',
      reason: 'memories are not deleted all at once on the word of a message',
    };
  if ('topic' in request) return { kind: 'topic', topic: request.topic };
  return { kind: 'retraction', fact: toFact(request.fact, context) };
};

/** Whether a statement starts with a verb in its base form: "Roast my chicken". */
const isCommand = (statement: string, tag: Tagger): boolean => {
  const [first] = tag(statement);
  return first?.pos === 'VERB' && !isPast(first.lower) && !/ing$/.test(first.lower);
};

const sentenceFindings = (
  sentence: string,
  antecedent: string | undefined,
  context: ExtractionContext,
): Finding[] => {
  const retraction = context.isPeerChat ? undefined : retractionOf(sentence, context);
  if (retraction) return [retraction];
  const instruction = context.isPeerChat
    ? undefined
    : parseStandingInstruction(sentence, context.tag);
  if (instruction) return factsOf(instruction.statement, instruction.isRequested, context);
  const stated = statedPart(sentence);
  if (stated === undefined) return [];
  const statement = withSubject(withAntecedent(stated, antecedent));
  return isRelevant(statement, context) && !isCommand(statement, context.tag)
    ? factsOf(statement, false, context)
    : [];
};

/** Bound on the sentences read of one message: a pasted book must not become a thousand facts. */
const maxSentences = 200;

/** Boundary between a statement and a request: "I am Sam but call me Sammy". */
const beforeRequest = /,? (?:and|but|so),? (?=(?:please|call me|remember that)\b)/i;

const englishFindings = (sentences: readonly string[], context: ExtractionContext): Finding[] => {
  const findings: Finding[] = [];
  let antecedent: string | undefined;
  for (const raw of sentences) {
    for (const part of expandContractions(raw).split(beforeRequest)) {
      const sentence = stripDiscourseMarkers(part, context.people);
      findings.push(...sentenceFindings(sentence, antecedent, context));
      antecedent = antecedentOf(sentence) ?? antecedent;
    }
  }
  return findings;
};

const foreignFindings = (lines: readonly string[], { speakers }: ExtractionContext): Finding[] => {
  const statement = foreignStatement(lines.join(' '));
  return statement === ''
    ? []
    : [{ kind: 'fact', text: `${speakers.speaker} said: "${statement}"` }];
};

/** Sentences that may be statements of the assistant; the others need not be tagged. */
const mentionsSelf = /\b(?:I|my name|call me)\b/i;

/**
 * Findings of one message of an assistant without a name: statements about itself and commitments. All other sentences give no
 * finding, also those in other languages.
 */
export const extractAssistantFindings = (
  { content }: Message,
  context: ExtractionContext,
): Finding[] =>
  proseLines(content)
    .filter(looksEnglish)
    .flatMap(sentencesOf)
    .filter((sentence) => mentionsSelf.test(sentence))
    .slice(0, maxSentences)
    .flatMap((sentence) => clausesOf(expandContractions(sentence), context.tag))
    .map((clause) => withoutAcknowledgement(stripDiscourseMarkers(clause, context.people)))
    .filter(isAboutAssistant)
    .map((clause) => ({ kind: 'fact', text: toFact(clause, context) }));

/**
 * Findings of one message of a speaker. English is parsed by rules; statements in other languages are quoted as facts.
 */
export const extractFindings = ({ content }: Message, context: ExtractionContext): Finding[] => {
  const lines = proseLines(content);
  const english = lines.filter(looksEnglish).flatMap(sentencesOf);
  const foreign = lines.filter((line) => !looksEnglish(line));
  const findings = [
    ...englishFindings(english.slice(0, maxSentences), context),
    ...foreignFindings(foreign, context),
  ];
  const unread = [english.slice(maxSentences).join(' '), content.slice(maxCharacters)]
    .filter((text) => text.trim() !== '')
    .join('\n');
  if (unread !== '') findings.push({ kind: 'unread', text: unread.toWellFormed() });
  return findings;
};
