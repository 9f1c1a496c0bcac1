import { escapeHtml } from './escape-html.ts';

/** Cells of a table, as texts. */
export interface TableTexts {
  header: readonly string[];
  rows: readonly (readonly string[])[];
}

interface Bar {
  /** Position of the column among those of the chart, for its colour. */
  column: number;
  value: number;
  text: string;
}

const width = 720;
const labelWidth = 260;
const barHeight = 12;
const gap = 12;
const legendHeight = 28;
/** Place for the number beside the longest bar. */
const numberWidth = 60;

/** Returns a number, a percentage, or a share below one, which has no unit of its own, as a percentage. */
const numberIn = (text: string): number | undefined => {
  const [, number = '', percent] = /^(-?[\d,]{0,20}\.?\d{1,15})(\s?%)?$/.exec(text.trim()) ?? [];
  if (number === '') return undefined;
  const value = Number(number.replaceAll(',', ''));
  return percent === undefined && number.startsWith('.') ? value * 100 : value;
};

const textAt = (x: number, y: number, end: boolean, text: string): string =>
  `<text x="${x}" y="${y}"${end ? ' text-anchor="end"' : ''}>${escapeHtml(text)}</text>`;

const shortened = (text: string): string => (text.length > 36 ? `${text.slice(0, 35)}…` : text);

/**
 * Draws the named columns of a table as bars: a group for each row. Shares and percentages have the scale to 100; other numbers that to
 * the largest of them. The table stays beside the chart for those that cannot see it.
 * @throws Error for a column that the table does not have, or without a number
 */
export const barChart = ({ header, rows }: TableTexts, names: readonly string[]): string => {
  const columns = names.map((name) => {
    const at = header.indexOf(name);
    if (at < 0) throw new Error(`There is no column ${name} to draw: ${header.join(', ')}.`);
    return at;
  });
  const groups = rows.map((cells) => ({
    label: cells[0] ?? '',
    bars: columns.flatMap((at, column): Bar[] => {
      const text = cells[at] ?? '';
      const value = numberIn(text);
      return value === undefined ? [] : [{ column, value, text }];
    }),
  }));
  const bars = groups.flatMap((group) => group.bars);
  if (bars.length === 0) throw new Error(`The columns ${names.join(', ')} have no numbers.`);
  const areShares = bars.some(({ text }) => /%$|^\./.test(text.trim()));
  const largest = areShares ? 100 : Math.max(...bars.map(({ value }) => value));
  const scale = (width - labelWidth - numberWidth) / largest;

  let y = names.length > 1 ? legendHeight : 4;
  const parts = names.length > 1 ? names.map((name, at) => legendOf(name, at)) : [];
  for (const { label, bars: ofRow } of groups) {
    const middle = y + (ofRow.length * barHeight) / 2 + 4;
    parts.push(textAt(labelWidth - 8, middle, true, shortened(label)));
    for (const { column, value, text } of ofRow) {
      const length = Math.max(1, Math.round(value * scale));
      parts.push(
        `<rect class="bar-${column}" x="${labelWidth}" y="${y}" width="${length}" height="${barHeight - 2}"/>`,
        textAt(labelWidth + length + 4, y + barHeight - 3, false, text),
      );
      y += barHeight;
    }
    y += gap;
  }
  return `<div class="wide" tabindex="0"><svg class="chart" viewBox="0 0 ${width} ${y}" role="img" aria-label="Bars of ${escapeHtml(names.join(', '))}, as in the table">${parts.join('')}</svg></div>\n`;
};

const legendOf = (name: string, at: number): string => {
  const x = labelWidth + at * 110;
  return `<rect class="bar-${at}" x="${x}" y="4" width="10" height="10"/>${textAt(x + 14, 13, false, name)}`;
};
