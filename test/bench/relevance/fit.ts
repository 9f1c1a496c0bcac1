import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { usersOf } from './dataset.ts';
import type { FeatureRow } from './feature-rows.ts';
import { inputsOf } from './features.ts';
import { type Coefficients, type Example, fitLogistic, probability } from './logistic.ts';
import { type Outcome, percent, quantile, summarize } from './metrics.ts';

// Fits the relevance of a candidate, a probability, to the features of the training users that bench:relevance wrote.
const { values, positionals } = parseArgs({
  options: {
    penalty: { type: 'string', default: '1' },
    unrelated: { type: 'string', default: '1' },
    nonsense: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
const [file] = positionals;
if (!file) {
  console.error(
    'Usage: npm run fit:relevance -- <features file> [--penalty 1] [--unrelated 1] [--nonsense 1]\n' +
      '--unrelated and --nonsense weigh all such pairs together against all right ones.',
  );
  process.exit(1);
}
const penalty = Number(values.penalty);

const all = readFileSync(file, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line): FeatureRow => JSON.parse(line));
const strangers = all.filter(({ user }) => !usersOf.training.some((known) => known === user));
if (strangers.length > 0) throw new Error('the file has users that no ranking may be fitted to');

const inputs = ({ features }: FeatureRow): number[] => Object.values(inputsOf(features));
const inputNames = all[0] ? Object.keys(inputsOf(all[0].features)) : [];

/** Weights so that all rows of a label together weigh as much as the options say. Related facts are left out. */
const fitRows = (rows: readonly FeatureRow[]): Coefficients => {
  const count = Map.groupBy(rows, ({ label }) => label);
  const rights = count.get('right')?.length ?? 0;
  const shares = {
    right: 1,
    unrelated: Number(values.unrelated),
    nonsense: Number(values.nonsense),
    related: 0,
  };
  const examples = rows.flatMap((row): Example[] => {
    const weight = (shares[row.label] * rights) / (count.get(row.label)?.length ?? 1);
    return weight > 0 ? [{ features: inputs(row), positive: row.label === 'right', weight }] : [];
  });
  return fitLogistic(examples, penalty);
};

type Scored = Pick<FeatureRow, 'variant' | 'user' | 'query' | 'label'> & { score: number };

const scored = (model: Coefficients, rows: readonly FeatureRow[]): Scored[] =>
  rows.map((row) => ({ ...row, score: probability(model, inputs(row)) }));

const questionsIn = (rows: readonly Scored[]): Scored[][] => [
  ...Map.groupBy(rows, ({ variant, user, query }) => `${variant} ${user} ${query}`).values(),
];

const print = (name: string, rows: readonly Scored[]): void => {
  const labelled = (label: Scored['label'], question: readonly Scored[]): number[] =>
    question.filter((row) => row.label === label).map(({ score }) => score);
  const outcomes = questionsIn(rows.filter(({ label }) => label !== 'nonsense')).map(
    (question): Outcome => ({
      right: labelled('right', question),
      unrelated: labelled('unrelated', question),
    }),
  );
  const nonsense = questionsIn(rows.filter(({ label }) => label === 'nonsense')).map((question) =>
    Math.max(...question.map(({ score }) => score)),
  );
  const answered = outcomes.filter(({ right }) => right.length > 0);
  const { kept, dropped, auc, first } = summarize(answered);
  const silent = nonsense.filter((score) => score < 0.1).length / nonsense.length;
  console.log(
    `${name}: ${answered.length} questions, 0.3 keeps ${percent(kept)} and drops ${percent(dropped)}, ` +
      `AUC ${auc.toFixed(3)}, first ${percent(first)}, at 0.1 ${percent(silent)} of nonsense finds nothing`,
  );
  const rights = answered.flatMap(({ right }) => right);
  const unrelated = answered.flatMap((outcome) => outcome.unrelated);
  console.log(
    `  95 % of right answers are from ${quantile(rights, 0.05).toFixed(3)}, 80 % of unrelated facts up to ` +
      `${quantile(unrelated, 0.8).toFixed(3)}, 90 % of nonsense up to ${quantile(nonsense, 0.9).toFixed(3)}`,
  );
};

const model = fitRows(all);
for (const [i, name] of ['intercept', ...inputNames].entries())
  console.log(`${name.padEnd(12)} ${(model[i] ?? 0).toFixed(3).padStart(8)}`);
print('fitted to all training users', scored(model, all));
const leftOut = usersOf.training.flatMap((user) => {
  const others = fitRows(all.filter((row) => row.user !== user));
  return scored(
    others,
    all.filter((row) => row.user === user),
  );
});
print('each user by a fit to the others', leftOut);
