import { describe, expect, it } from 'vitest';
import { barChart } from '../../bench/bar-chart.ts';

describe('a chart of a benchmark', () => {
  const chart = barChart({
    title: 'recall <of> A & B',
    series: ['recall', 'MRR'],
    rows: [
      { name: 'all', values: [82.04, Number.NaN] },
      { name: 'temporal', values: [50, 100] },
    ],
    targets: [80, undefined],
  });

  it('has a bar of the right length for each figure, and none where there is no figure', () => {
    const bars = [...chart.matchAll(/<rect x="150" y="\d+" width="(\d+\.\d)"/g)];

    expect(bars.map(([, width]) => Number(width))).toEqual([418.4, 255, 510]);
  });

  it('marks the target of each series that has one', () => {
    expect(chart.match(/<path /g)).toHaveLength(2);
  });

  it('escapes its words', () => {
    expect(chart).toContain('<title>recall &lt;of&gt; A &amp; B</title>');
  });
});
