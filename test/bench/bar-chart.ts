import { writeFileSync } from 'node:fs';

/** Bars of one row, in percent, in the order of the chart's series. */
export interface ChartRow {
  name: string;
  values: readonly number[];
}

export interface Chart {
  title: string;
  series: readonly string[];
  rows: readonly ChartRow[];
  /** Targets in percent, in the order of the series; undefined where there is none. */
  targets: readonly (number | undefined)[];
}

/** Colours that differ in lightness as well, readable on white and on black. */
const colours = ['#4269d0', '#efb118', '#3ca951', '#ff725c', '#a463f2', '#9c6b4e'];
const text = 'font-family="sans-serif" font-size="12" fill="#808080"';
const width = 720;
const left = 150;
const right = 60;
const top = 58;
const bar = 12;
const gap = 14;

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const at = (percent: number): number => left + ((width - left - right) * percent) / 100;

const label = (x: number, y: number, words: string, anchor = 'start'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${text}>${escaped(words)}</text>`;

const legend = ({ series }: Chart): string[] =>
  series.flatMap((name, i) => {
    const x = left + i * 115;
    return [
      `<rect x="${x}" y="32" width="10" height="10" fill="${colours[i % colours.length]}"/>`,
      label(x + 14, 41, name),
    ];
  });

const barsOf = ({ targets }: Chart, { name, values }: ChartRow, y: number): string[] => [
  label(left - 8, y + (values.length * bar) / 2 + 4, name, 'end'),
  ...values.flatMap((value, i) => {
    if (!Number.isFinite(value)) return [];
    const barTop = y + i * bar;
    const target = targets[i];
    const size = (at(value) - left).toFixed(1);
    return [
      `<rect x="${left}" y="${barTop}" width="${size}" height="${bar - 2}" fill="${colours[i % colours.length]}"/>`,
      label(at(value) + 4, barTop + bar - 2, value.toFixed(1)),
      ...(target === undefined
        ? []
        : [
            `<path d="M${at(target).toFixed(1)} ${barTop - 1}v${bar}" stroke="#808080" stroke-width="2"/>`,
          ]),
    ];
  }),
];

/** Draws bars in percent as SVG, each with a mark at its target. */
export const barChart = (chart: Chart): string => {
  const step = Math.max(...chart.rows.map(({ values }) => values.length)) * bar + gap;
  const height = top + chart.rows.length * step;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(chart.title)}</title>`,
    label(left, 18, chart.title),
    ...legend(chart),
    ...chart.rows.flatMap((row, i) => barsOf(chart, row, top + i * step)),
    '</svg>\n',
  ].join('\n');
};

/** Writes the chart to a file, if one is given. */
export const writeChart = (file: string | undefined, chart: Chart): void => {
  if (file !== undefined) writeFileSync(file, barChart(chart));
};
