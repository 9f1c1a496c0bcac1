import { describe, expect, it } from 'vitest';
import { coloured, tableOf, widthOf } from '../../../functions/cli/terminal/table.ts';

const columns = [
  { title: 'Type', least: 4 },
  { title: 'Memory', least: 8 },
];
const screen = { isColoured: false, columns: 24 };

describe('a table', () => {
  it('it fits the columns of the terminal, with an ellipsis where a text is cut', () => {
    const text = tableOf(screen, columns, [
      [{ text: 'rough' }, { text: 'I moved to Seattle last week.' }],
    ]);

    const rows = text.split('\n');
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatch(/^rough {2}I moved.*…$/);
    expect(rows.every((row) => widthOf(row) <= 24)).toBe(true);
  });

  it('characters of two columns are counted as two', () => {
    const text = tableOf(screen, columns, [
      [{ text: '東京' }, { text: 'x' }],
      [{ text: 'abcd' }, { text: 'x' }],
    ]);

    expect(text.split('\n').slice(1)).toEqual(['東京  x', 'abcd  x']);
  });

  it('control characters of a text never reach the terminal', () => {
    const text = tableOf(screen, columns, [[{ text: '\u001B[31mred' }, { text: 'a\nb\u202Ec' }]]);

    expect([...text].filter((one) => '\u001B\u202E'.includes(one))).toEqual([]);
    expect(text.split('\n')).toHaveLength(2);
  });

  it('a cell is coloured on a terminal with colours alone', () => {
    const cell = { text: 'ok', colour: 'green' } as const;

    expect(coloured({ ...screen, isColoured: true }, cell)).toBe('\u001B[32mok\u001B[0m');
    expect(coloured(screen, cell)).toBe('ok');
  });
});
