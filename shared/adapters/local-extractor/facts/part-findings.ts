import { piecesOf } from '../../../domain/memory/text-pieces.ts';
import type { Authored } from '../statements/authored.ts';
import { expandContractions } from '../statements/normalize-sentence.ts';
import { hasNoun, readOther } from '../statements/other-statements.ts';
import { withoutSpeech } from '../statements/quoted-speech.ts';
import {
  cutEnd,
  isBulletList,
  maxCharacters,
  noteBlocks,
  proseLines,
  sentencesOf,
} from '../text/clean-text.ts';
import { withHeadings } from '../text/headed-items.ts';
import { isGreeting } from '../text/language-detection.ts';
import { structuredNotes } from '../text/structured-notes.ts';
import { type ExtractionContext, type Finding, toFact } from './finding.ts';
import { foreignFindings, readsAsEnglish } from './foreign-findings.ts';
import { englishFindings } from './sentence-findings.ts';

/** Bound on the sentences read of one message: a pasted book must not become a thousand facts. */
export const maxSentences = 200;

/** Sentences of a long message that are read beyond the limit. */
const mentionsSpeaker = /\b(?:I|my|we|our)\b/i;

/** More sentences about something else than the speaker are a text, which is kept as a whole. */
const maxOthers = 6;
const isOther = (finding: Finding): boolean =>
  finding.kind === 'fact' && (finding.verbatim === true || finding.isOther === true);

/** A heading of a list that says nothing of it. */
const plainHeading =
  /^(?:to-?do|tasks|notes|agenda|list|items|action items|next steps|summary|misc|other|(?:some |key |quick |random |fun )?(?:facts|notes|info|things|stuff)(?: (?:about (?:me|us|myself)|to (?:know|remember)))?)(?: list)?:?$/i;

/** A task with its time. */
const isDue =
  /\b(?:at \d|by \d|\d{1,2}(?::\d\d)? ?[ap]m|\d{1,2}:\d\d|(?:by|on|until|before|next|this) (?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|tonight)\b/i;

const isUnread = (findings: readonly Finding[]): boolean =>
  !findings.some((finding) => finding.kind !== 'nothing' && !('verbatim' in finding));

const maxNote = 40;
const capitalized = (line: string): string =>
  cutEnd(line.charAt(0).toUpperCase() + line.slice(1), /[.\s]/);

/** A heading in its own row, and a heading with a colon that names a list of people or things with their values. */
const title = /^([\p{L}][\p{L}' ]{2,30}):$/u;
const valued = /^[\p{L}\d][\p{L}\d' ]{1,20} ?(?:[-–—=:]|->) ?\S.{0,60}$/u;

/** Facts of a list with a heading of which each item has a value: "Gifts:" and "Mum - scarf" are "Gifts: Mum - scarf". */
const headedFindings = (
  lines: readonly string[],
  text: string,
  context: ExtractionContext,
): Finding[] | undefined => {
  const heading = title.exec(text.split('\n')[0]?.trim() ?? '')?.[1];
  const items = lines.slice(1);
  if (heading === undefined || plainHeading.test(heading) || items.length === 0) return undefined;
  if (!items.every((line) => valued.test(line))) return undefined;
  return items.map((line) => ({
    kind: 'fact',
    text: toFact(`${heading}: ${line}`, context),
    isOther: true,
  }));
};

/** Findings of a list: an item that could not be read is kept as said, and so is the list as a whole if most of its items are such. */
const listFindings = (
  text: string,
  lines: readonly string[],
  context: ExtractionContext,
): Finding[] => {
  const all = lines.map((line) => ({ line, findings: lineFindings(line, context) }));
  const items = all.filter(
    ({ line, findings }) => !(plainHeading.test(line) && findings.length < 2),
  );
  const unread = items.filter(({ findings }) => isUnread(findings));
  const asNote = (line: string): Finding =>
    isDue.test(line)
      ? { kind: 'fact', text: toFact(`To do: ${line}`, context), isOther: true }
      : { kind: 'fact', text: line, verbatim: true };
  const read = items.flatMap(({ findings }) => (isUnread(findings) ? [] : findings));
  const titled = headedFindings(lines, text, context);
  if (titled) return titled;
  const isProfile = read.some((finding) => finding.kind === 'fact' && /^User\b/.test(finding.text));
  if (
    isProfile &&
    unread.length * 2 >= items.length &&
    unread.every(({ line }) => line.length <= maxNote)
  )
    return [
      ...read,
      ...unread.map(({ line }) => ({ kind: 'fact' as const, text: `${capitalized(line)}.` })),
    ];
  if (unread.length * 2 >= items.length)
    return [...read.filter((finding) => !isOther(finding)), { kind: 'fact', text, verbatim: true }];
  return [...read, ...unread.map(({ line }) => asNote(line))];
};

const lineFindings = (line: string, context: ExtractionContext): Finding[] =>
  readsAsEnglish(line)
    ? englishFindings(sentencesOf(line), context)
    : foreignFindings([line], context);

/** Characters of a block without structure that is read as one note; a longer one is kept as said. */
const maxNoteBlock = 1_000;

/** Facts of the blocks of notes within a text: a block of JSON below "Here is my profile:". */
const blockFindings = (content: string, context: ExtractionContext): Finding[] =>
  context.isPeerChat
    ? []
    : noteBlocks(content).flatMap((block): Finding[] => {
        const notes =
          structuredNotes(block) ?? (block.length <= maxNoteBlock ? [block] : undefined);
        return notes
          ? notes.map((note) => ({ kind: 'fact', text: toFact(note, context) }))
          : piecesOf(block).map((text) => ({ kind: 'fact', text, verbatim: true }));
      });

const proseFindings = (given: string, context: ExtractionContext): Finding[] => {
  const content = context.isPeerChat || context.isDocument ? given : withHeadings(given);
  const notes = context.isPeerChat || context.isDocument ? undefined : structuredNotes(content);
  if (notes) return notes.map((note) => ({ kind: 'fact', text: toFact(note, context) }));
  const lines = proseLines(content).filter((line) => !isGreeting(line));
  if (!context.isDocument && lines.length > 1 && isBulletList(content))
    return listFindings(content.trim(), lines, context);
  const isEnglish = lines.map(readsAsEnglish);
  const read = lines.filter((_, at) => isEnglish[at]).map((line) => ownWordsOf(line, context));
  const english = read.flatMap(({ own }) => sentencesOf(own));
  const foreign = lines.filter((_, at) => !isEnglish[at]);
  const later = english.slice(maxSentences).filter((sentence) => mentionsSpeaker.test(sentence));
  const found = englishFindings(
    [...english.slice(0, maxSentences), ...later.slice(0, maxSentences)],
    context,
  );
  const quoted = read
    .flatMap(({ speeches }) => speeches)
    .flatMap(({ author, quote, sentence }) => {
      const facts = quotedFindings({ author, text: quote }, context);
      return facts.length > 0 ? facts : englishFindings([sentence], context);
    });
  if (context.isDocument) return found;
  const isProse = found.filter(isOther).length > maxOthers;
  const findings = [
    ...(isProse ? found.filter((finding) => !isOther(finding)) : found),
    ...quoted,
    ...foreignFindings(foreign, context),
    ...blockFindings(content, context),
  ];
  const unread = isProse
    ? content
    : [english.slice(maxSentences).join(' '), content.slice(maxCharacters)]
        .filter((text) => text.trim() !== '')
        .join('\n');
  if (unread !== '') findings.push({ kind: 'unread', text: unread.toWellFormed() });
  return findings;
};

/** A line without the quotes of people who are named beside them. A quote within the words of another is not read by itself. */
const ownWordsOf = (line: string, { isDocument, passedOn }: ExtractionContext) =>
  isDocument || passedOn ? { own: line, speeches: [] } : withoutSpeech(line);

const ofSpeaker =
  /^(?:mom|mum|mama|dad|papa|grandma|grandpa|granny|gran|nana|wife|husband|hubby|partner|gf|bf|girlfriend|boyfriend|sister|brother|sis|bro|boss|son|daughter|roommate|flatmate|landlord|teacher|doctor)$/;

/** "my boss" -> "User's boss". */
export const namedFor = (author: string, speaker: string): string => {
  const named = author
    .replace(/^(?:my|our) /i, `${speaker}'s `)
    .replace(ofSpeaker, `${speaker}'s $&`);
  return named.charAt(0).toUpperCase() + named.slice(1);
};

/** A statement of an author about themselves, that says more than a mood. */
const saysOwn =
  /^(?:I (?:am|have|will|was|had|do|did|never|always|[a-z]+ed)|we (?:are|have|will)|my|our) (?!.*\?)(?:[^\s]+ ){2,}[^\s]+$/i;
const maxOwn = 140;

/** Findings of words that the speaker passes on: facts about their author and what the author said; without any, the words as a quote. */
const quotedFindings = (
  { author = '', text, isChat = false }: Pick<Authored, 'author' | 'text'> & { isChat?: boolean },
  context: ExtractionContext,
): Finding[] => {
  const { speaker } = context.speakers;
  const subject = namedFor(author, speaker);
  const findings = proseFindings(text, {
    ...context,
    isPeerChat: true,
    passedOn: { author: subject, isChat },
    speakers: { speaker: subject, addressee: speaker },
  }).filter(({ kind }) => kind !== 'nothing');
  if (findings.length > 0)
    return findings.map((finding) =>
      finding.kind === 'fact' ? { ...finding, author: subject } : finding,
    );
  const words = context.tag(text);
  const own = expandContractions(text);
  if (saysOwn.test(own) && own.length < maxOwn && sentencesOf(own).length === 1)
    return [
      {
        kind: 'fact',
        text: toFact(own, { ...context, speakers: { speaker: subject, addressee: speaker } }),
        author: subject,
      },
    ];
  const isStatement = readOther(text, words) !== 'nothing' || (hasNoun(words) && words.length > 4);
  return isStatement ? [{ kind: 'fact', text: `${subject} said: "${text}"`, verbatim: true }] : [];
};

/** Findings of the speaker's own messages in a chat with others. */
const chatFindings = ({ text, addressee }: Authored, context: ExtractionContext): Finding[] => {
  const { speaker } = context.speakers;
  return proseFindings(text, {
    ...context,
    isPeerChat: true,
    passedOn: { author: '', isChat: true },
    speakers: { speaker, ...(addressee !== undefined && { addressee }) },
  }).filter(({ kind }) => kind !== 'nothing');
};

/** Findings of one part of a message, which has an author of its own or is of the speaker. */
export const partFindings = (part: Authored, context: ExtractionContext): Finding[] => {
  const { author, text, isForeign, isPlay, isNote, isChat } = part;
  if (author !== undefined)
    return quotedFindings({ author, text, ...(isChat && { isChat }) }, context);
  if (isNote) return [{ kind: 'fact', text: `${text}.`, isOther: true }];
  if (isChat) return chatFindings(part, context);
  const { speaker } = context.speakers;
  if (isPlay && proseFindings(text, context).every(({ kind }) => kind === 'nothing')) return [];
  return isForeign
    ? [{ kind: 'fact', text: `${speaker} passed on: "${text}"`, verbatim: true }]
    : proseFindings(text, context);
};
