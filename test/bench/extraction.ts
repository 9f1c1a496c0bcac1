import { parseArgs } from 'node:util';
import { type ChartRow, writeChart } from './bar-chart.ts';
import { readCases } from './extraction/dataset.ts';
import { runCases } from './extraction/run-cases.ts';
import { type CaseScore, type Score, sumScores } from './extraction/score.ts';
import { percent } from './relevance/metrics.ts';
import { openSettledService } from './settled-service.ts';
import { report } from './stats.ts';

// Measures the facts that the embedded rules learn from labelled conversations, through the HTTP API.
const target =
  'precision at least 90 %, recall at least 90 %, updates at least 85 %, dates at least 95 %, 0 facts lost, at most 10 % kept as said, at most 1 % of unrelated memories changed';

const parts = [
  'training',
  'everyday',
  'fresh',
  'colloquial',
  'passed-on',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'beside',
  'held-out',
] as const;

const { values } = parseArgs({
  options: {
    failures: { type: 'boolean', default: false },
    chart: { type: 'string' },
    /** Parts to measure; all of them if absent. */
    part: { type: 'string', multiple: true, default: [...parts] },
  },
});

const columns = [
  'cases',
  'precision',
  'recall',
  'updates',
  'dates',
  'lost',
  'as said',
  'false',
  'silent',
  'secrets',
];

const printRow = (name: string, cells: readonly string[]): void =>
  console.log(`${name.padEnd(24)}${cells.map((cell) => cell.padStart(10)).join('')}`);

const shareOf = (part: number, all: number): string => (all === 0 ? '' : percent(part / all));

const figuresOf = (score: Score) => ({
  precision: shareOf(score.right, score.extracted),
  recall: shareOf(score.found, score.facts),
  updates: shareOf(score.updated, score.updates),
  dates: shareOf(score.dates, score.dated),
  lost: `${score.lost}`,
  verbatim: shareOf(score.verbatim, score.verbatim + score.extracted),
  falseUpdates: shareOf(score.replaced, score.unrelated),
  silent: shareOf(score.silent, score.empty),
  leaks: `${score.leaks}`,
});

const printScores = (name: string, scores: readonly CaseScore[]): void =>
  printRow(name, [`${scores.length}`, ...Object.values(figuresOf(sumScores(scores)))]);

const printTable = (part: string, scores: readonly CaseScore[]): void => {
  printRow(part, columns);
  for (const kind of new Set(scores.map((score) => score.kind)))
    printScores(
      `  ${kind}`,
      scores.filter((score) => score.kind === kind),
    );
  printScores('  all', scores);
};

const longestFailure = 200;

const printFailures = (scores: readonly CaseScore[]): void => {
  for (const { id, failures } of scores.filter((score) => score.failures.length > 0)) {
    console.log(id);
    for (const failure of failures) console.log(`    ${failure.slice(0, longestFailure)}`);
  }
};

const sentenceOf = (scores: readonly CaseScore[]): string => {
  const { precision, recall, updates, dates, lost, verbatim, falseUpdates } = figuresOf(
    sumScores(scores),
  );
  return (
    `precision ${precision}, recall ${recall}, updates ${updates}, dates ${dates}, ` +
    `${lost} facts lost, ${verbatim} kept as said, ${falseUpdates} of unrelated memories changed`
  );
};

const charted = ['precision', 'recall', 'updates', 'dates'] as const;

const chartRow = (name: string, scores: readonly CaseScore[]): ChartRow => {
  const figures = figuresOf(sumScores(scores));
  return { name, values: charted.map((figure) => Number.parseFloat(figures[figure])) };
};

const rows: ChartRow[] = [];
const service = await openSettledService();
for (const part of parts.filter((name) => values.part.includes(name))) {
  const scores = await runCases(service, readCases(part));
  // Failures of the held-out part are not printed, so that no rule is fitted to one of its cases.
  if (values.failures && part !== 'held-out') printFailures(scores);
  printTable(part, scores);
  rows.push(chartRow(part, scores));
  report(`extraction, ${part}`, sentenceOf(scores), target);
}
await service.close();
writeChart(values.chart, {
  title: 'Facts that the embedded rules learn, in percent',
  series: charted,
  rows,
  targets: [90, 90, 85, 95],
});
