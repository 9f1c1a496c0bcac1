/** Bounds of notes in JSON or a table that are read: more than that is data. */
const maxNotes = 5_000;
const maxRecords = 20;
const maxLines = 100;

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;

const wordsOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(wordsOf).filter(Boolean).join(' and ');
  if (isRecord(value))
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${wordsOf(inner)}`)
      .join(' and ');
  return value === null || value === undefined ? '' : String(value).replace(/\s+/g, ' ').trim();
};

/** A record as one line of labels with their values. */
const lineOf = (record: readonly (readonly [string, string])[]): string =>
  record
    .filter(([label, value]) => label !== '' && value !== '')
    .map(([label, value]) => `${label.replace(/[_\s]+/g, ' ')}: ${value}`)
    .join(', ');

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const jsonNotes = (text: string): string[] | undefined => {
  if (!/^[[{]/.test(text)) return undefined;
  const value = parsed(text);
  if (!isRecord(value)) return undefined;
  if (
    Array.isArray(value) &&
    value.length <= maxRecords &&
    value.every((one) => typeof one === 'string')
  )
    return value.map(wordsOf);
  const records = Array.isArray(value) ? value.filter(isRecord) : [value];
  if (records.length === 0 || records.length > maxRecords) return undefined;
  return records.map((record) =>
    lineOf(Object.entries(record).map(([key, inner]) => [key, wordsOf(inner)] as const)),
  );
};

const cellsOf = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const tableNotes = (text: string): string[] | undefined => {
  const rows = text.split('\n').map((row) => row.trim());
  if (rows.length < 3 || rows.length > maxRecords + 2) return undefined;
  if (!rows.every((row) => row.startsWith('|') && row.endsWith('|'))) return undefined;
  const [header = '', rule = '', ...body] = rows;
  if (!/^[|\s:-]+$/.test(rule)) return undefined;
  const labels = cellsOf(header);
  return body.map((row) => {
    const cells = cellsOf(row);
    return lineOf(labels.map((label, at) => [label, cells[at] ?? ''] as const));
  });
};

/** A key of YAML with its value, or an item of a list below a key. */
const keyed =
  /^(?<indent>\s*)(?:- )?(?<key>(?!.{0,30}\b(?:I|my|our|is|are|was|were|have|has|do)\b)[\p{L}\d][\p{L}\d _.'-]{0,29}):(?:\s+(?<value>\S.*))?$/iu;
const item = /^\s*- (\S.*)$/;
/** Keys that only say whom the keys below are about. */
const ofPerson = /^(?:user|me|profile|person|about me|personal|info|facts?)$/i;

interface Row {
  indent: number;
  key: string;
  values: string[];
}

const trimmed = (value: string | undefined): string[] =>
  value === undefined ? [] : [value.trim()];

/** Rows of keys, each with its value or with the items below; undefined for another text. */
const keyedRows = (lines: readonly string[]): Row[] | undefined => {
  const rows: Row[] = [];
  for (const line of lines) {
    const { indent = '', key, value } = keyed.exec(line)?.groups ?? {};
    const listed = key === undefined ? item.exec(line)?.[1] : undefined;
    const last = rows.at(-1);
    if (key !== undefined) rows.push({ indent: indent.length, key, values: trimmed(value) });
    else if (listed === undefined || !last) return undefined;
    else last.values.push(listed.trim());
  }
  return rows;
};

/** The keys of a row and of the rows above that it is part of. */
const labelOf = (rows: readonly Row[], at: number): string => {
  const path: string[] = [];
  let indent = Number.POSITIVE_INFINITY;
  for (const row of rows.slice(0, at + 1).reverse()) {
    if (row.indent >= indent) continue;
    indent = row.indent;
    path.unshift(row.key);
  }
  return path
    .filter((key, i) => i > 0 || path.length === 1 || !ofPerson.test(key))
    .join(' ')
    .replace(/_/g, ' ');
};

/** Values by their keys in a text like YAML, each with the keys above it; undefined without a key above others. */
const nestedNotes = (text: string): string[] | undefined => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 3 || lines.length > maxLines) return undefined;
  const rows = keyedRows(lines);
  if (!rows) return undefined;
  const isNested = rows.some(({ indent }, at) => indent > (rows[at - 1]?.indent ?? indent));
  if (!isNested && rows.length === lines.length) return undefined;
  return rows.flatMap(({ values }, at) =>
    values.length === 0 ? [] : [`${labelOf(rows, at)}: ${values.join(' and ')}`],
  );
};

const weekdays = ['Mon', 'Tues', 'Wednes', 'Thurs', 'Fri', 'Satur', 'Sun'];
const ofWeekday =
  /^(?:[-*•] ?)?(mon|tue|wed|thu|fri|sat|sun)(?:s|r|rs|sday|day|nesday|rsday|urday)?s? ?[:–-] ?(\S.*)$/i;

/** A timetable, in which each weekday is one of every week: "Mon: swimming". */
const timetableNotes = (text: string): string[] | undefined => {
  const rows = text.split('\n').filter((row) => row.trim() !== '');
  const read = rows.map((row) => ofWeekday.exec(row.trim()));
  if (rows.length < 2 || !read.every((row) => row !== null)) return undefined;
  return read.map((row) => {
    const [, short = '', what = ''] = row ?? [];
    const day = weekdays.find((name) => name.toLowerCase().startsWith(short.toLowerCase()));
    return `Every ${day ?? short}day: ${what}`;
  });
};

/**
 * Lines of a message that is nothing but a JSON value, a table of Markdown, a text like YAML or a timetable, one for each record:
 * "item: van, owner: Piet".
 * Undefined for other messages, and for more records than a person writes by hand.
 */
export const structuredNotes = (content: string): string[] | undefined => {
  if (content.length > maxNotes) return undefined;
  const text = content
    .trim()
    .replace(/^```(?:json|yaml|yml|md|text)?\n/i, '')
    .replace(/\n```$/, '');
  const notes =
    jsonNotes(text) ?? tableNotes(text) ?? timetableNotes(text) ?? nestedNotes(content.trimEnd());
  return notes?.filter((line) => line !== '');
};
