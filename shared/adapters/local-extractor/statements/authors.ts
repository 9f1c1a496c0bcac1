import type { Authored } from './authored.ts';
import { chatLogIn } from './chat-logs.ts';
import { belowHeading, citedIn, forwardedIn, headedIn, mailIn, signedIn } from './mails.ts';
import { isMaterial, quotedIn } from './quoted-speech.ts';

/** Words of a person whom only the conversation names: "He goes: I quit". */
const ofThird =
  /^(?:he|she|they) (?:goes|went|says?|said|was like|is like|replied|answered)[:,] ?["“„«']?(?:I|we|my)\b/iu;
const opening = /^(?:(?:fwd?|forwarded)(?: message)?: ?|dear (?!diary\b)[\p{L}. ]{2,30},)/iu;

/** A row above a forwarded text. */
const announced = /^(?:fyi|see below|this came(?: today)?|got this(?: today)?|look)[:.!]*\n/iu;

const forwardIn = (content: string): Authored[] | undefined => {
  const text = content.replace(announced, '').trimStart();
  return opening.test(text) || ofThird.test(text) ? [{ text, isForeign: true }] : undefined;
};

/** A part to play, in which the first person is not the speaker. */
const opensPlay =
  /^(?:(?:let us |let's )?(?:pretend|role-?play|imagine)\b|you(?: are|'re) now \p{Lu}|act (?:as|like) |(?:the )?(?:song )?lyrics\b|quote(?: of the day)?\b ?:?|(?:in|from) (?:my|the|this|a|our|his|her) (?:[\p{L}-]{1,15} ){0,2}(?:novel|story|book|game|song|play|script|screenplay|poem|fanfic|film|movie|sketch|campaign)\b)/iu;
const firstPerson = /(?:^|[\s"'(])(?:I|i|my|My|I'm|i'm|I’m|me|we|We|our)\b/;

const playIn = (content: string): Authored[] | undefined =>
  opensPlay.test(content) && firstPerson.test(content.replace(/^[^.:"'“‘]*/u, ''))
    ? [{ text: content, isForeign: true, isPlay: true }]
    : undefined;

const maxRead = 20_000;
/** Signs without which a text has no fields, no names of a chat and no quotes. */
const marked = /[:>\n"“”„«']| [-–—] /u;

/**
 * Splits a message into the parts of its authors: mails, chat logs, forwarded and quoted texts are not the words of the person who
 * sends them. A text without such signs is one part without an author; a text that is only there to be worked on has none.
 */
export const authoredParts = (content: string): Authored[] => {
  if (content.length > maxRead) return [{ text: content }];
  const trimmed = content.trim();
  if (!marked.test(trimmed))
    return forwardIn(trimmed) ?? playIn(trimmed) ?? forwardedIn(trimmed) ?? [{ text: content }];
  if (isMaterial(trimmed)) return [];
  return (
    mailIn(trimmed) ??
    headedIn(trimmed) ??
    citedIn(trimmed) ??
    chatLogIn(trimmed) ??
    signedIn(trimmed) ??
    forwardedIn(trimmed) ??
    belowHeading(trimmed) ??
    forwardIn(trimmed) ??
    playIn(trimmed) ??
    quotedIn(trimmed) ?? [{ text: content }]
  );
};
