import { cutEnd } from './clean-text.ts';

/** Notes in groups below headings, which say whom or what each group is about. */

const heading =
  /^(?:#{1,6} +)?\*{0,2}(\p{Lu}[\p{L}'’-]{1,20}(?: [\p{L}'’-]{2,20})?)\*{0,2}:?\*{0,2}$/u;
const marked = /^#{1,6} /;
const item = /^(?:\s+|\s*[-*+•–]\s+)(?:[-*+•–]\s+)?(\S.{1,80})$/u;
const bullet = /^\s*[-*+•–]\s/;
/** Headings of no person or thing, and of the speaker. */
const general =
  /^(?:me|myself|about|user|profile|bio|to-?do|tasks?|notes?|agenda|list|items|summary|misc|other|done|open|today|tomorrow|facts?|info|hello|hi|hey|dear|thanks|shopping|regards)\b/i;
const firstPerson = /\b(?:I|I'm|my|me|we|our)\b/i;
const maxLines = 60;

interface Group {
  name: string;
  items: string[];
  /** The heading has the sign of Markdown, so that its items need none. */
  isMarked: boolean;
  hasBullets: boolean;
}

/** Adds a row to the groups; false if it belongs to none. */
const addRow = (groups: Group[], row: string): boolean => {
  const name = heading.exec(row)?.[1];
  const last = groups.at(-1);
  if (name !== undefined && !general.test(name)) {
    groups.push({ name, items: [], isMarked: marked.test(row), hasBullets: false });
    return true;
  }
  const text = item.exec(row)?.[1] ?? (last?.isMarked && row.length <= 80 ? row.trim() : undefined);
  if (!last || text === undefined || firstPerson.test(text) || /[?]$/.test(text)) return false;
  last.items.push(cutEnd(text, /[.;,]/));
  last.hasBullets ||= bullet.test(row);
  return true;
};

/**
 * Writes each group of notes below a heading in one row: "Leo:" and "- peanut allergy" below are "Leo: peanut allergy". Other texts, and
 * one list alone, stay as they are.
 */
export const withHeadings = (content: string): string => {
  const rows = content.split('\n').filter((row) => row.trim() !== '');
  if (rows.length < 2 || rows.length > maxLines) return content;
  const groups: Group[] = [];
  if (!rows.every((row) => addRow(groups, row))) return content;
  const filled = groups.filter(({ items }) => items.length > 0);
  const isEnough = filled.length > 1 || filled.some(({ hasBullets }) => !hasBullets);
  return filled.length > 0 && isEnough && filled.length >= groups.length - 1
    ? filled.map(({ name, items }) => `${name}: ${items.join(', ')}`).join('\n')
    : content;
};
