import type { Message } from '../../../domain/memory/turn.ts';
import { isShortNote } from '../statements/asides.ts';
import { isAboutAssistant, withoutAcknowledgement } from '../statements/assistant-statements.ts';
import type { Authored } from '../statements/authored.ts';
import { authoredParts } from '../statements/authors.ts';
import { clausesOf } from '../statements/clauses.ts';
import { isBareOrigin } from '../statements/coreference.ts';
import { expandContractions, stripDiscourseMarkers } from '../statements/normalize-sentence.ts';
import { readOther } from '../statements/other-statements.ts';
import { cutEnd, proseLines, sentencesOf, withoutFence } from '../text/clean-text.ts';
import { looksEnglish } from '../text/language-detection.ts';
import { leftUnsaid } from './coverage.ts';
import { type ExtractionContext, type Finding, toFact } from './finding.ts';
import { maxSentences, namedFor, partFindings } from './part-findings.ts';
import { englishFindings } from './sentence-findings.ts';

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

/** A notice that is passed on: "Your order 4471 has shipped." */
const notice =
  /^your (?!(?:answers?|reply|replies|response|message|code|list|poem|text|welcome|turn|call|help|name|advice|suggestions?)\b)[^?]{3,80} (?:is|are|was|has|have|will be|expires?|arrives?|ends?|starts?) [^?]{3,}$/i;
const ofUser = /^user: (?!.*\?)(\S.{3,200})$/i;

/** A message that gave nothing and yet is a note, kept as said. */
const noteFindings = (content: string, context: ExtractionContext): Finding[] => {
  if (context.isPeerChat || context.isDocument || context.topicFilter) return [];
  const text = content.trim();
  const isNote = isShortNote(text) || ofUser.test(text) || (notice.test(text) && /\d/.test(text));
  return isNote ? [{ kind: 'fact', text, verbatim: true }] : [];
};

const partsOf = (content: string, { isDocument }: ExtractionContext): Authored[] =>
  isDocument ? [{ text: content }] : authoredParts(content);

/**
 * Findings of one message of a speaker. English is parsed by rules; of other languages the commonest statements, and the others are
 * quoted. Words of others that the message passes on are facts about them.
 */
export const extractFindings = (message: Message, context: ExtractionContext): Finding[] => {
  const text = withoutFence(message.content).trim();
  if (isBareOrigin(text)) return context.isPeerChat ? [] : [{ kind: 'fact', text, verbatim: true }];
  const findings = findingsOf({ ...message, content: text }, context);
  return findings.length > 0 ? findings : noteFindings(message.content, context);
};

/** Whether a text may have more than its findings say. Documents are kept besides, and chats among several people are full of reactions. */
const mayHaveMore = ({ isPeerChat, isDocument, topicFilter }: ExtractionContext): boolean =>
  !isPeerChat && !isDocument && topicFilter === undefined;

/** A note of a label and its value is a fact as it is; other sentences are kept as said. */
const keptNote = (said: string, context: ExtractionContext): Finding =>
  !said.includes('\n') && readOther(said, context.tag(said)) === 'fact'
    ? { kind: 'fact', text: toFact(said, context), isOther: true }
    : { kind: 'fact', text: said, verbatim: true };

/** Findings of a part, with all that it states. */
const wholeFindings = (part: Authored, context: ExtractionContext): Finding[] => {
  const findings = partFindings(part, context);
  const { author, text, isPlay, isNote, isChat } = part;
  if (!mayHaveMore(context) || isPlay || isNote) return findings;
  const by = author === undefined ? '' : namedFor(author, context.speakers.speaker);
  const further = leftUnsaid(text, findings, context, {
    read: (clause) =>
      by === '' && !isChat
        ? englishFindings([clause], context)
        : partFindings({ ...part, text: clause }, context),
    keep: (said) =>
      by === ''
        ? keptNote(said, context)
        : { kind: 'fact', text: `${by} said: "${said}"`, verbatim: true },
  });
  return [...findings, ...further];
};

/** Fewer words are a name, a greeting or a heading. */
const minRest = 4;
/** Words that only say where the words of another person are from: "my aunt wrote that on facebook". */
const ofSource =
  /^(?:that|this|it|here)(?:'s| is| was) |\b(?:wrote|posted|said|sent|replied|texted|emailed|messaged|shared) (?:that|this|it|me|us)\b/i;

/** Beginnings of parts that are looked for within rows: shorter ones are in many, and a chat log has none but whole rows. */
const minStart = 12;
const maxStarts = 50;

const trimmedRows = (text: string): string[] =>
  text.split('\n').map((row) => row.replace(/^[>\s]+/, '').trim());

/** Rows of a message that belong to no part of it: an own sentence beside a citation, a postscript below the name in a mail. */
const withoutPart = (content: string, parts: readonly Authored[]): string => {
  const ofParts = new Set(parts.flatMap(({ text }) => trimmedRows(text)));
  const all = parts.map(({ text }) => text).join('\n');
  const starts = parts
    .slice(0, maxStarts)
    .map(({ text }) => cutEnd(text.trim().split('\n', 1)[0] ?? '', /["'”’.!\s]/))
    .filter((start) => start.length >= minStart);
  const isOfPart = (row: string): boolean =>
    ofParts.has(row) ||
    ofParts.has(row.slice(row.indexOf(': ') + 2)) ||
    all.includes(row) ||
    starts.some((start) => row.includes(start));
  return trimmedRows(content)
    .filter((row) => row.split(' ').length >= minRest && !ofSource.test(row))
    .filter((row) => !isOfPart(row))
    .join('\n');
};

/** Findings of a message by its parts, and of its rows that belong to none of them. */
const findingsOf = ({ content }: Message, context: ExtractionContext): Finding[] => {
  const parts = partsOf(content, context);
  const findings = parts.flatMap((part) => wholeFindings(part, context));
  if (!mayHaveMore(context) || parts.every(({ author }) => author === undefined)) return findings;
  const further = leftUnsaid(withoutPart(content, parts), findings, context, {
    read: (clause) => englishFindings([clause], context),
    keep: (said) => keptNote(said, context),
  });
  return [...findings, ...further];
};
