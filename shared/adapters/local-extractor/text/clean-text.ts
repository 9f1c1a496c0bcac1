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

/** Longer sentences are kept as said: the rules cannot parse them. */
const maxSentence = 600;

const fence = /^\s*(```|~~~)/;
const bullet = /^\s*(?:[-*+•–]|\d{1,2}[.)])\s+/i;
/** An item of a list of tasks. */
const task = /^\s*(?:[-*+•–]\s+)?\[([ x])\]\s+/i;
const heading = /^[\p{L}\d][^.!?]{0,59}$/u;
const isItem = (line: string): boolean => bullet.test(line) || task.test(line);
/** Whether a text is a list, with headings between the items or without. */
export const isBulletList = (content: string): boolean => {
  if (content.length >= maxSentence * 4) return false;
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  const others = lines.filter((line) => !isItem(line));
  return (
    lines.length > 1 &&
    others.length * 2 < lines.length &&
    others.every((line) => heading.test(line.trim()))
  );
};

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

/** Tags that end a row of text: those of paragraphs, breaks and items. */
const blocks = /<(?:br|\/p|\/div|\/li|\/h[1-6]|li)(?: [^<>]{0,200})?\/?>/gi;

const tagBeforeColon = /<\/(?:b|i|u|em|strong|span|small|font)>(?=:)/gi;

/** Signs of a program, a query or a command. */
const code =
  /[{}<>$=;\\|]|\w\(|^\s*(?:import|def|class|const|let|var|select|sudo|npm|git|cd|echo)\b/i;

/** A message that is one block of notes: YAML, JSON or plain text. */
const fenced = /^```(?:ya?ml|json|toml|ini|te?xt|md|markdown|csv|plain(?:text)?)?\n([^`]+)\n```$/i;

/** The content of a message that is one block of notes; other contents as they are. */
export const withoutFence = (content: string): string =>
  fenced.exec(content.trim())?.[1] ?? content;

const noteBlock =
  /^```(?:ya?ml|json|toml|ini|te?xt|md|markdown|csv|plain(?:text)?)\n([^`]{1,20000})\n```\s*$/gim;
const ofSpeaker = /\b(?:I|my|our|me|us)\b/i;
const asks =
  /\?|^(?:(?:can|could|please|would) .{0,40})?(?:fix|format|validate|parse|convert|explain|debug|check|translate|why|what|how)\b/i;

/** Blocks of notes that a message gives as its own: "Here is my profile:" above a block of JSON. */
export const noteBlocks = (content: string): string[] => {
  if (!content.includes('```')) return [];
  const around = content.replace(noteBlock, ' ').trim();
  return ofSpeaker.test(around) && !asks.test(around)
    ? Array.from(content.matchAll(noteBlock), ([, block = '']) => block)
    : [];
};

const bareFence = /^\s*(?:```|~~~)\s*$/;

/** Lines without blocks of code. A block of plain words stays. */
const withoutCode = (lines: readonly string[]): string[] => {
  const prose: string[] = [];
  let block: string[] | undefined;
  for (const line of lines) {
    if (!fence.test(line)) (block ?? prose).push(line);
    else if (block === undefined) block = [line];
    else {
      const [opening = '', ...rows] = block;
      if (bareFence.test(opening) && !rows.some((row) => code.test(row))) prose.push(...rows);
      block = undefined;
    }
  }
  return prose;
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
    const isDone = task.exec(line)?.[1]?.trim() !== '';
    const item = line.replace(task, isDone ? 'Done: ' : 'To do: ').replace(bullet, '');
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
    .replace(blocks, '\n')
    .replace(tagBeforeColon, '')
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

/** Words that belong to the sentence before: "Got a job! at the library". */
const adjunct =
  /^(?:at|in|with|for|from|near|by) (?:the|a|an|my|our|\p{Lu}[\p{L}'-]*)(?: [\p{L}\d'-]+){0,4}[.!]?$/u;

const continues = (before: string, after: string): boolean =>
  (abbreviation.test(before) && !/\bI\.$/.test(before)) ||
  (/\bno\.$/i.test(before) && /^\d/.test(after)) ||
  (/\b(?:nr|pp?|b|ca|incl|ext|apt|avg|approx|vol|ch|sec)\.$/i.test(before) &&
    /^[\d(a-z]/.test(after)) ||
  (/\.\.\.$|…$/.test(before) && startsLower.test(after)) ||
  (/!$/.test(before) && adjunct.test(after));

const isOpenQuote = (text: string): boolean => (text.split('"').length & 1) === 0;

/** Whether a quote that the text before opens is closed in the piece behind it. */
const continuesQuote = (before: string, after: string): boolean =>
  before.length < maxSentence && after.includes('"') && isOpenQuote(before) && isOpenQuote(after);

const allSentencesOf = (line: string): string[] => {
  const sentences: string[] = [];
  for (const piece of line.split(boundary)) {
    const last = sentences.at(-1);
    if (
      last !== undefined &&
      (continues(last.slice(-maxAbbreviation), piece) || continuesQuote(last, piece))
    )
      sentences[sentences.length - 1] =
        `${adjunct.test(piece) ? cutEnd(last, /!/) : last} ${piece}`;
    else if (piece.trim()) sentences.push(piece.trim());
  }
  return sentences;
};

/** Splits a row into sentences. Neither an abbreviation nor a full stop within a quote ends a sentence. */
export const sentencesOf = (row: string): string[] =>
  allSentencesOf(row).filter((sentence) => sentence.length <= maxSentence);

/** Sentences of a row that are too long for the rules. */
export const longSentencesOf = (row: string): string[] =>
  row.length <= maxSentence
    ? []
    : allSentencesOf(row).filter((sentence) => sentence.length > maxSentence);

/** Longest heading of a column that stands before its cells. */
const maxHeading = 30;
const isSeparator = (line: string): boolean => line.includes('-') && /^\s*\|[\s:|-]*$/.test(line);

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

/** Row of a table. */
export interface TableRow {
  cells: string;
  /** The cells behind the headings of their columns: "Name: Sue, Room: 12". */
  text: string;
}

/** Rows of tables, which `proseLines` leaves out. */
export const tableRows = (content: string): TableRow[] => {
  const rows: TableRow[] = [];
  const lines = content.slice(0, maxCharacters).split('\n');
  let headings: string[] = [];
  for (const [at, line] of lines.entries()) {
    const isRow = /^\s*\|/.test(line);
    const isHeading = isRow && isSeparator(lines[at + 1] ?? '');
    if (!isRow) headings = [];
    if (isHeading) headings = cellsOf(line);
    if (!isRow || isHeading || !/[\p{L}\p{N}]/u.test(line)) continue;
    const cells = cellsOf(line);
    const labelled = cells.map((cell, column) => {
      const heading = headings[column] ?? '';
      return heading === '' || heading.length > maxHeading ? cell : `${heading}: ${cell}`;
    });
    const listOf = (all: readonly string[]): string =>
      all.filter((_, column) => cells[column] !== '').join(', ');
    rows.push({ cells: listOf(cells), text: listOf(labelled) });
  }
  return rows;
};
