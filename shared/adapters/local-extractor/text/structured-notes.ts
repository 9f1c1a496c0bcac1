/** Bounds of notes in JSON or a table that are read: more than that is data. */
const maxNotes = 5_000;
const maxRecords = 20;

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

/**
 * Lines of a message that is nothing but a JSON value or a table of Markdown, one for each record: "item: van, owner: Piet".
 * Undefined for other messages, and for more records than a person writes by hand.
 */
export const structuredNotes = (content: string): string[] | undefined => {
  if (content.length > maxNotes) return undefined;
  const text = content.trim();
  return (jsonNotes(text) ?? tableNotes(text))?.filter((line) => line !== '');
};
