/** What is read of one message; facts sit near the start, and a pasted log must not stall the others. */
export const maxCharacters = 20_000;

const fence = /^\s*(```|~~~)/;
const bullet = /^\s*(?:[-*+•–]|\d{1,2}[.)])\s+(?:\[[ x]\]\s+)?/i;
const quotedOrTable = /^\s*[>|]/;
/** Control and format characters, but those that shape Persian and Indic words. */
const invisible = /[[\p{Cc}\p{Cf}]--[\n\t\u200c\u200d]]/gv;
const emoji = /[\p{Extended_Pictographic}\p{RI}\p{EMod}\p{VS}\u20e3]+/gv;
const markup = /\*\*|__|(?<=^|\s)#{1,6}(?=\s)/g;

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

/** "My favourite foods are:" and its bullets make one sentence; other bullets are sentences of their own. */
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

/** The lines of a message that its author wrote as prose: no code, quoted text, tables, emoji or invisible characters. */
export const proseLines = (content: string): string[] => {
  const lines = content
    .slice(0, maxCharacters)
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(invisible, '')
    .replace(emoji, ' ')
    .replaceAll('\ufffd', ' ')
    .split('\n');
  const prose = withoutCode(lines)
    .filter((line) => !quotedOrTable.test(line))
    .map((line) => line.replace(markup, ''));
  return joinLists(prose);
};
