import { withEmojiWords } from './emoji-words.ts';

/**
 * Removes the trailing characters that `part` matches one by one. Linear in the number of removed characters, whereas a
 * pattern such as `/[.!]+$/` is quadratic on a hostile text.
 */
export const cutEnd = (text: string, part: RegExp): string => {
  let end = text.length;
  while (end > 0 && part.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
};

/**
 * Characters of one message that the rules read. Facts are near the start, and a pasted log must not delay other
 * messages.
 */
export const maxCharacters = 100_000;

/** Longer sentences are dropped: the rules cannot parse them. */
const maxSentence = 600;

const fence = /^\s*(```|~~~)/;
const bullet = /^\s*(?:[-*+•–]|\d{1,2}[.)])\s+(?:\[[ x]\]\s+)?/i;
/** Whether every line of a text is an item of a list. */
export const isBulletList = (content: string): boolean =>
  content.length < maxSentence * 4 &&
  content.split('\n').every((line) => line.trim() === '' || bullet.test(line));

const quotedOrTable = /^\s*[>|]/;
/** Control and format characters, except the joiners that shape Persian and Indic words. */
const invisible = /[[\p{Cc}\p{Cf}]--[\n\t\u200c\u200d]]/gv;
const emoji = /[\p{Extended_Pictographic}\p{RI}\p{EMod}\p{VS}\u20e3]+/gv;
/** Links and images of Markdown, of which the text stays: `[text](url "title")`, `[text][1]`, `[[page]]`, `<https://...>`. */
const link =
  /!?\[([^[\]\n]{1,200})\](?:\(<?[^\s()<>]{0,2000}(?:\([^\s()]{0,200}\)[^\s()<>]{0,200})?>?(?:\s+["'][^"'\n]{0,200}["'])?\)|\[[^[\]\n]{0,100}\])/g;
const pageLink = /\[\[([^[\]\n]{1,200})\]\]/g;
const autolink = /<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/g;
const markup = /\*\*|__|(?<=^|\s)#{1,6}(?=\s)/g;

/** Tags of HTML that format prose. */
const tags =
  /<\/?(?:p|b|i|u|em|strong|div|span|br|ul|ol|li|h[1-6]|small|font|section)(?: [^<>]{0,200})?\/?>/gi;

const withoutCode = (lines: readonly string[]): string[] => {
  let inside = false;
  return lines.filter((line) => {
    if (!fence.test(line)) return !inside;
    inside = !inside;
    return false;
  });
};

const announcesList = (line: string): boolean =>
  /:\s*$/.test(line) && /\b(?:I|my|our)\b/i.test(line);

/**
 * Joins "My favourite foods are:" and the bullets below into one sentence; other bullets are sentences of their own.
 */
const joinLists = (lines: readonly string[]): string[] => {
  const joined: string[] = [];
  let header = false;
  for (const line of lines) {
    const item = line.replace(bullet, '');
    const last = joined.at(-1);
    if (header && last !== undefined && item !== line && !/\b(?:I|my)\b/.test(item)) {
      joined[joined.length - 1] = /:$/.test(last)
        ? `${last.slice(0, -1)} ${item}`
        : `${last}, ${item}`;
      continue;
    }
    header = announcesList(line);
    if (item.trim()) joined.push(item.trim());
  }
  return joined;
};

/** Prose of a message by lines: without code, quoted text, tables, emoji and invisible characters. */
export const proseLines = (content: string): string[] => {
  const lines = withEmojiWords(content.slice(0, maxCharacters))
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(invisible, '')
    .replace(tags, ' ')
    .replace(emoji, ' ')
    .replaceAll('\ufffd', ' ')
    .split('\n');
  const prose = withoutCode(lines)
    .filter((line) => !quotedOrTable.test(line))
    .map((line) =>
      line.replace(link, '$1').replace(pageLink, '$1').replace(autolink, '$1').replace(markup, ''),
    );
  return joinLists(prose);
};

const boundary = /(?=\s)(?<=[.!?…。！？؟]["'”’)\]]*)\s+|(?<=[。！？])/u;
const abbreviation =
  /(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|etc|No|Mt|approx|(?:passport|account|order|room|flat|ref|phone|tel) no|[a-z]\.[a-z]|[A-Z](?:\.[A-Z])*)\.$/;
/** Characters at the end of a text in which an abbreviation is looked for. */
const maxAbbreviation = 200;
const startsLower = /^[a-z]/;

const continues = (before: string, after: string): boolean =>
  (abbreviation.test(before) && !/\bI\.$/.test(before)) ||
  (/\.\.\.$|…$/.test(before) && startsLower.test(after));

/** Splits a line into sentences. An abbreviation does not end a sentence. */
export const sentencesOf = (line: string): string[] => {
  const sentences: string[] = [];
  for (const piece of line.split(boundary)) {
    const last = sentences.at(-1);
    if (last !== undefined && continues(last.slice(-maxAbbreviation), piece))
      sentences[sentences.length - 1] = `${last} ${piece}`;
    else if (piece.trim()) sentences.push(piece.trim());
  }
  return sentences.filter((sentence) => sentence.length <= maxSentence);
};
