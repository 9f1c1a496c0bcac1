import type { Message } from '../../../domain/memory/turn.ts';
import type { DateReader } from '../dates/dates.ts';
import { readForeignText } from '../languages/foreign-statements.ts';
import { isAboutAssistant, withoutAcknowledgement } from '../statements/assistant-statements.ts';
import { type Authored, authoredParts } from '../statements/authors.ts';
import { clausesOf } from '../statements/clauses.ts';
import { antecedentOf, withAntecedent, withSubject } from '../statements/coreference.ts';
import { expandContractions, stripDiscourseMarkers } from '../statements/normalize-sentence.ts';
import { hasNoun, isReport, readOther } from '../statements/other-statements.ts';
import type { People } from '../statements/people.ts';
import { isAboutKnownName } from '../statements/people.ts';
import { parseDeletionRequest, parseStandingInstruction } from '../statements/requests.ts';
import { hasContent, isPersonal, isSmallTalk, statedPart } from '../statements/small-talk.ts';
import {
  cutEnd,
  isBulletList,
  maxCharacters,
  proseLines,
  sentencesOf,
} from '../text/clean-text.ts';
import {
  foreignQuote,
  isGreeting,
  looksEnglish,
  mayBeForeign,
} from '../text/language-detection.ts';
import { structuredNotes } from '../text/structured-notes.ts';
import type { Tagger } from '../text/tagger.ts';
import { isPast } from '../text/verb-forms.ts';
import type { Topics } from '../topics.ts';
import { normalizeFact } from './normalize-fact.ts';
import { type Speakers, toThirdPerson } from './third-person.ts';

/**
 * Result of extracting a message: a fact about the speaker, a deletion request, or the reason why a part gave nothing.
 */
export type Finding =
  /**
   * `verbatim`: the rules could not read the text, which is kept as it was said. `isOther`: the subject is not the speaker.
   */
  | { kind: 'fact'; text: string; verbatim?: true; isOther?: true }
  | { kind: 'retraction'; fact: string }
  | { kind: 'topic'; topic: string }
  /** Text beyond the limits of the rules; stored verbatim. */
  | { kind: 'unread'; text: string }
  | { kind: 'nothing'; reason: string };

export interface ExtractionContext {
  tag: Tagger;
  dates: DateReader;
  observedAt: number;
  /** Minutes by which the speaker's clock is ahead of UTC. */
  utcOffset: number;
  speakers: Speakers;
  /** Several people talk with each other: no sentence is an instruction to an assistant. */
  isPeerChat: boolean;
  people: People;
  /** The text is a piece of a document, which is kept besides: nothing of it is quoted. */
  isDocument: boolean;
  /** Names of people and pets that earlier facts introduced. */
  known: ReadonlySet<string>;
  /** Topics that make a sentence relevant even when it is not personal. */
  topicFilter?: Topics | undefined;
}

const leadingDate =
  /^((?:on|in|around|a few|a couple of) [^,]{0,48}?\b(?:19|20)\d\d(?: at [\d:]+ ?(?:[ap]\.?m\.?)?)?),? ((?:I|we|my|our)\b.*?)[.!]*$/i;

/** Rewrites a clause of the speaker in the third person, with absolute dates. */
export const toFact = (clause: string, context: ExtractionContext): string => {
  const { speakers, tag, dates, observedAt, utcOffset } = context;
  const dated = dates(clause, observedAt, utcOffset)
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
    .filter((clause) => isRequested || hasContent(context.tag(clause)))
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

/** A noun that looks like a verb, with its own verb behind: "Prod database is Postgres". */
const namesSubject =
  /^\w+ (?!the|an?|my|your|if|me|this|that|whether|how|what)(?:[\w'-]+ )?(?:is|are|was|were|has|had|costs?|runs|uses)\b/i;

/** Whether a statement starts with a verb in its base form: "Roast my chicken". */
const isCommand = (statement: string, tag: Tagger): boolean => {
  const [first] = tag(statement);
  return (
    first?.pos === 'VERB' &&
    !isPast(first.lower) &&
    !/(?:ing|[^s]s)$/.test(first.lower) &&
    !namesSubject.test(statement)
  );
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
  const stated = isReport(sentence) ? sentence : statedPart(sentence);
  if (stated === undefined) return [];
  const statement = withSubject(withAntecedent(stated, antecedent));
  if (!isReport(sentence) && isCommand(statement, context.tag)) return [];
  return isRelevant(statement, context)
    ? personalFindings(statement, context)
    : otherFindings(statement, context);
};

/** Reactions that mention the speaker. */
const notStated =
  /^(?:what|how|why|so|on my way|perfect|great|nice|cool|exactly|that|this|it|thanks?|just what)\b/i;

/** Facts of a statement about the speaker; a statement without a verb that the rules know is one fact, unless it is small talk. */
const personalFindings = (statement: string, context: ExtractionContext): Finding[] => {
  const facts = factsOf(statement, false, context);
  if (facts.length > 0 || context.isPeerChat || context.isDocument || isSmallTalk(statement))
    return facts;
  const words = context.tag(statement);
  if (words.length < 3 || !hasNoun(words) || notStated.test(statement)) return [];
  return [{ kind: 'fact', text: toFact(statement, context) }];
};

/**
 * Facts about others than the speaker; a statement that is no clear fact is kept as said. Chats among several people are left out,
 * since they are full of reactions.
 */
const otherFindings = (statement: string, context: ExtractionContext): Finding[] => {
  if (context.isPeerChat || context.isDocument || context.topicFilter) return [];
  const kept = readOther(statement, context.tag(statement));
  if (kept === 'nothing') return [];
  if (kept === 'fact') return [{ kind: 'fact', text: toFact(statement, context), isOther: true }];
  return [{ kind: 'fact', text: statement, verbatim: true }];
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

/** Adds the words as they were said, by which the fact is found in its own language. */
const withOriginal = (fact: string, said: string): string =>
  `${cutEnd(fact, /[.]/)} ("${cutEnd(said, /[\s.!。！]/)}").`;

const foreignFindings = (lines: readonly string[], context: ExtractionContext): Finding[] => {
  const { speakers, dates, observedAt, utcOffset } = context;
  const { speaker } = speakers;
  const { facts, unread } = readForeignText(lines.join(' '), speaker);
  const quote = foreignQuote(unread);
  return [
    ...facts.map(({ text, said }): Finding => {
      const fact = normalizeFact(dates(text, observedAt, utcOffset), speaker);
      return { kind: 'fact', text: withOriginal(fact, said) };
    }),
    ...(quote === ''
      ? []
      : [{ kind: 'fact' as const, text: `${speaker} said: "${quote}"`, verbatim: true as const }]),
  ];
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

/** A text without a clear English word is of another language if the rules can read all of it so. */
const readsAsEnglish = (line: string): boolean => {
  if (!looksEnglish(line)) return false;
  if (!mayBeForeign(line)) return true;
  const { facts, unread } = readForeignText(line, 'User');
  return facts.length === 0 || unread.length > 0;
};

/** Sentences of a long message that are read beyond the limit. */
const mentionsSpeaker = /\b(?:I|my|we|our)\b/i;

/** More sentences about something else than the speaker are a text, which is kept as a whole. */
const maxOthers = 6;
const isOther = (finding: Finding): boolean =>
  finding.kind === 'fact' && (finding.verbatim === true || finding.isOther === true);

const proseFindings = (content: string, context: ExtractionContext): Finding[] => {
  const notes = context.isPeerChat || context.isDocument ? undefined : structuredNotes(content);
  if (notes) return notes.map((note) => ({ kind: 'fact', text: toFact(note, context) }));
  const lines = proseLines(content).filter((line) => !isGreeting(line));
  const isEnglish = lines.map(readsAsEnglish);
  const english = lines.filter((_, at) => isEnglish[at]).flatMap(sentencesOf);
  const foreign = lines.filter((_, at) => !isEnglish[at]);
  const later = english.slice(maxSentences).filter((sentence) => mentionsSpeaker.test(sentence));
  const read = [...english.slice(0, maxSentences), ...later.slice(0, maxSentences)];
  const found = englishFindings(read, context);
  if (context.isDocument) return found;
  const isProse = found.filter(isOther).length > maxOthers;
  const findings = [
    ...(isProse ? found.filter((finding) => !isOther(finding)) : found),
    ...foreignFindings(foreign, context),
  ];
  const isList = lines.length > 1 && isBulletList(content) && findings.every(isOther);
  if (isList) return [{ kind: 'fact', text: content.trim(), verbatim: true }];
  const unread = isProse
    ? content
    : [english.slice(maxSentences).join(' '), content.slice(maxCharacters)]
        .filter((text) => text.trim() !== '')
        .join('\n');
  if (unread !== '') findings.push({ kind: 'unread', text: unread.toWellFormed() });
  return findings;
};

/** Findings of words that the speaker passes on: facts about their author; without any, the words as a quote. */
const quotedFindings = (author: string, text: string, context: ExtractionContext): Finding[] => {
  const { speaker } = context.speakers;
  const subject = author.replace(/^(?:my|our) /i, `${speaker}'s `);
  const findings = proseFindings(text, {
    ...context,
    isPeerChat: true,
    speakers: { speaker: subject },
  }).filter(({ kind }) => kind !== 'nothing');
  if (findings.length > 0) return findings;
  const isStatement = readOther(text, context.tag(text)) !== 'nothing';
  return isStatement ? [{ kind: 'fact', text: `${subject} said: "${text}"`, verbatim: true }] : [];
};

const partsOf = (content: string, { isDocument }: ExtractionContext): Authored[] =>
  isDocument ? [{ text: content }] : authoredParts(content);

/**
 * Findings of one message of a speaker. English is parsed by rules; of other languages the commonest statements, and the others are
 * quoted. Words of others that the message passes on are facts about them.
 */
export const extractFindings = ({ content }: Message, context: ExtractionContext): Finding[] =>
  partsOf(content, context).flatMap(({ author, text, isForeign, isPlay }): Finding[] => {
    if (author !== undefined) return quotedFindings(author, text, context);
    const { speaker } = context.speakers;
    if (isPlay && proseFindings(text, context).every(({ kind }) => kind === 'nothing')) return [];
    return isForeign
      ? [{ kind: 'fact', text: `${speaker} passed on: "${text}"`, verbatim: true }]
      : proseFindings(text, context);
  });
