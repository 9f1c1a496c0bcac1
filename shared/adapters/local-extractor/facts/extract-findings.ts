import type { Message } from '../../../domain/memory/turn.ts';
import { amendmentIn, asidesIn, mayState } from '../statements/asides.ts';
import { isAboutAssistant, withoutAcknowledgement } from '../statements/assistant-statements.ts';
import { type Authored, authoredParts } from '../statements/authors.ts';
import { clausesOf } from '../statements/clauses.ts';
import { antecedentOf, withAntecedent, withSubject } from '../statements/coreference.ts';
import { expandContractions, stripDiscourseMarkers } from '../statements/normalize-sentence.ts';
import { hasNoun, isReport, readOther } from '../statements/other-statements.ts';
import { isAboutKnownName } from '../statements/people.ts';
import { parseDeletionRequest, parseStandingInstruction } from '../statements/requests.ts';
import { hasContent, isPersonal, isSmallTalk, statedPart } from '../statements/small-talk.ts';
import { isBulletList, maxCharacters, proseLines, sentencesOf } from '../text/clean-text.ts';
import { isGreeting, looksEnglish } from '../text/language-detection.ts';
import { structuredNotes } from '../text/structured-notes.ts';
import type { Tagger } from '../text/tagger.ts';
import { isPast } from '../text/verb-forms.ts';
import { type ExtractionContext, type Finding, toFact } from './finding.ts';
import { foreignFindings, readsAsEnglish } from './foreign-findings.ts';

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

/** Facts that a question or a request states on the way. Chats among several people are full of questions. */
const asideFindings = (sentence: string, context: ExtractionContext): Finding[] => {
  if (context.isPeerChat || context.isDocument) return [];
  const amendment = amendmentIn(sentence);
  const asides = amendment === undefined ? asidesIn(sentence) : [amendment];
  return asides.map((aside) => ({ kind: 'fact', text: toFact(aside, context) }));
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
  if (stated === undefined) return asideFindings(sentence, context);
  const statement = withSubject(withAntecedent(stated, antecedent));
  if (!isReport(sentence) && isCommand(statement, context.tag))
    return asideFindings(sentence, context);
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

/** A sentence that states something and gave no finding is kept as it was said. */
const withNothingLost = (
  sentence: string,
  findings: readonly Finding[],
  { isPeerChat, isDocument, topicFilter }: ExtractionContext,
): readonly Finding[] =>
  findings.length > 0 || isPeerChat || isDocument || topicFilter || !mayState(sentence)
    ? findings
    : [{ kind: 'fact', text: sentence, verbatim: true }];

const englishFindings = (sentences: readonly string[], context: ExtractionContext): Finding[] => {
  const findings: Finding[] = [];
  let antecedent: string | undefined;
  for (const raw of sentences) {
    for (const part of expandContractions(raw).split(beforeRequest)) {
      const sentence = stripDiscourseMarkers(part, context.people);
      findings.push(
        ...withNothingLost(sentence, sentenceFindings(sentence, antecedent, context), context),
      );
      antecedent = antecedentOf(sentence) ?? antecedent;
    }
  }
  return findings;
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

/** Sentences of a long message that are read beyond the limit. */
const mentionsSpeaker = /\b(?:I|my|we|our)\b/i;

/** More sentences about something else than the speaker are a text, which is kept as a whole. */
const maxOthers = 6;
const isOther = (finding: Finding): boolean =>
  finding.kind === 'fact' && (finding.verbatim === true || finding.isOther === true);

/** A list of which an item gave no finding, or no item is about the speaker, is kept as a whole. */
const listFindings = (text: string, items: number, findings: readonly Finding[]): Finding[] => {
  const whole: Finding = { kind: 'fact', text, verbatim: true };
  if (findings.every(isOther)) return [whole];
  return findings.length < items ? [...findings, whole] : [...findings];
};

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
  if (lines.length > 1 && isBulletList(content))
    return listFindings(content.trim(), lines.length, findings);
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
    speakers: { speaker: subject, addressee: speaker },
  }).filter(({ kind }) => kind !== 'nothing');
  if (findings.length > 0) return findings;
  const words = context.tag(text);
  const isStatement = readOther(text, words) !== 'nothing' || (hasNoun(words) && words.length > 4);
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
