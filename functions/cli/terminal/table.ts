/** Output of a command: colours only on a terminal that wants them. */
export interface Screen {
  isColoured: boolean;
  /** Columns of the terminal; a table is cut to them. */
  columns: number;
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Colour = keyof typeof codes;

export interface Cell {
  text: string;
  colour?: Colour;
}

export interface Column {
  title: string;
  /** Fewest characters that the column keeps when the table is too wide. */
  least: number;
}

const controlSequence = '\u001B[';

export const coloured = ({ isColoured }: Screen, { text, colour }: Cell): string =>
  isColoured && colour ? `${controlSequence}${codes[colour]}m${text}${controlSequence}0m` : text;

/** Control characters could move the cursor of a terminal, or change its colours: texts of users are shown without them. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');

/** Number of columns that a character takes: two in East Asian scripts and of most emoji, none if it combines. */
const widthOfCharacter = (character: string): number => {
  if (/\p{M}|\u200D/u.test(character)) return 0;
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\uFF01-\uFF60]|\p{Emoji_Presentation}/u.test(
    character,
  )
    ? 2
    : 1;
};

export const widthOf = (text: string): number =>
  [...text].reduce((sum, character) => sum + widthOfCharacter(character), 0);

const fitted = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text + ' '.repeat(width - widthOf(text));
  let cut = '';
  for (const character of text) {
    if (widthOf(cut + character) > width - 1) break;
    cut += character;
  }
  return `${cut}…${' '.repeat(Math.max(0, width - 1 - widthOf(cut)))}`;
};

/** Widths of the columns: as wide as their content, the widest ones narrowed until the table fits. */
const widthsOf = (columns: readonly Column[], rows: readonly Cell[][], available: number) => {
  const widths = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[at]?.text ?? ''))),
  );
  const gaps = 2 * (columns.length - 1);
  for (;;) {
    const excess = widths.reduce((sum, width) => sum + width, gaps) - available;
    const excesses = widths.map((width, at) => width - (columns[at]?.least ?? 0));
    const widest = Math.max(...excesses);
    if (excess <= 0 || widest <= 0) return widths;
    const at = excesses.indexOf(widest);
    widths[at] = (widths[at] ?? 0) - Math.min(excess, widest);
  }
};

/** Formats a table, each row of one terminal row. */
export const tableOf = (
  screen: Screen,
  columns: readonly Column[],
  rows: readonly Cell[][],
): string => {
  const plain = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const widths = widthsOf(columns, plain, screen.columns);
  const rowOf = (cells: readonly Cell[]): string =>
    cells
      .map((cell, at) => coloured(screen, { ...cell, text: fitted(cell.text, widths[at] ?? 0) }))
      .join('  ')
      .trimEnd();
  const head = columns.map(({ title }): Cell => ({ text: title, colour: 'bold' }));
  return [head, ...plain].map(rowOf).join('\n');
};
