import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { writeChart } from './bar-chart.ts';
import { type Label, readEveryday, readNonsense, readUsers } from './relevance/dataset.ts';
import { type AskedQuery, appendQueries, itemsOf, retrieveFor } from './relevance/feature-rows.ts';
import { percent, quantile, summarize } from './relevance/metrics.ts';
import { addFacts, ask, askNonsense, type Variant } from './relevance/questionnaire.ts';
import { openSettledService, type SettledService } from './settled-service.ts';
import { report } from './stats.ts';

// Whether a score says by itself how relevant a memory is: labelled questions to fictitious users, through the HTTP API.
const target =
  '0.3 keeps at least 95 % and drops at least 80 %, at least 90 % of nonsense finds nothing, AUC at least .85';

const { values } = parseArgs({
  options: {
    features: { type: 'string' },
    chart: { type: 'string' },
    variant: { type: 'string' },
    vectors: { type: 'string' },
  },
});
const variants: Variant[] = z
  .enum(['verbatim', 'refined'])
  .array()
  .parse(values.variant === undefined ? ['verbatim', 'refined'] : [values.variant]);

const training = readUsers('training');
const unseen = readUsers('unseen');
const everyday = [readEveryday()];

const askAll = async (service: SettledService, users: typeof training) => {
  const outcomes = [];
  for (const user of users)
    for (const question of user.questions)
      outcomes.push({ kind: question.kind, ...(await ask(service, user, question)) });
  return outcomes;
};
type Outcomes = Awaited<ReturnType<typeof askAll>>;
type Nonsense = Awaited<ReturnType<typeof askNonsense>>;

const widths = [30, 9, 9, 9, 7, 9, 9];

const printRow = (...cells: string[]): void =>
  console.log(
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join(' '),
  );

const printFigures = (name: string, outcomes: Outcomes, nonsense?: Nonsense): void => {
  const { questions, kept, dropped, auc, first } = summarize(outcomes);
  printRow(
    name,
    `${questions}`,
    percent(kept),
    percent(dropped),
    auc.toFixed(3),
    percent(first),
    nonsense ? percent(nonsense.silent) : '',
  );
};

/** Prints the scores at which a threshold would reach the targets. */
const printScores = (outcomes: Outcomes, { p90 }: Nonsense): void => {
  const rights = outcomes.flatMap(({ right }) => right);
  const unrelated = outcomes.flatMap(({ unrelated: scores }) => scores);
  const missing = outcomes.reduce((sum, outcome) => sum + outcome.missing, 0);
  console.log(
    `  95 % of right answers are from ${quantile(rights, 0.05).toFixed(3)}, ` +
      `80 % of unrelated facts up to ${quantile(unrelated, 0.8).toFixed(3)}, ` +
      `90 % of nonsense up to ${p90.toFixed(3)}; ${missing} right answers have no memory`,
  );
};

/** Prints the rows of one variant. Of unseen users only sums are shown, so that no change is made for one of them. */
const measure = async (service: SettledService, variant: Variant) => {
  await addFacts(service, variant, [...training, ...unseen, ...everyday]);
  const known = await askAll(service, training);
  const knownNonsense = await askNonsense(service, training, readNonsense('training'));
  const fresh = await askAll(service, unseen);
  const freshNonsense = await askNonsense(service, unseen, readNonsense('unseen'));
  printFigures(`${variant}, training users`, known, knownNonsense);
  for (const kind of new Set(known.map((outcome) => outcome.kind)))
    printFigures(
      `  ${kind}`,
      known.filter((outcome) => outcome.kind === kind),
    );
  printScores(known, knownNonsense);
  printFigures(`${variant}, unseen users`, fresh, freshNonsense);
  printScores(fresh, freshNonsense);
  printFigures(`${variant}, everyday pairs`, await askAll(service, everyday));
  return { outcomes: fresh, nonsense: freshNonsense };
};

/** More than the number of entries of a user, so that each is a hit. */
const allEntries = 400;

/** Appends the inputs of the training users' candidates. Nothing of the unseen users is written. */
const writeFeatures = async (service: SettledService, file: string): Promise<void> => {
  const nonsense = readNonsense('training').map((text) => ({
    text,
    labels: new Map<string, Label>(),
  }));
  for (const { name, questions } of training) {
    const queries: AskedQuery[] = [];
    for (const { text, labels } of [...questions, ...nonsense]) {
      const { request, names } = await retrieveFor(service, name, text, allEntries, ({ view }) =>
        String(view.metadata['fact']),
      );
      const items = itemsOf(request, names, labels, labels.size > 0 ? 'unrelated' : 'nonsense');
      queries.push({ bench: 'relevance', owner: name, query: text, items });
    }
    appendQueries(file, queries);
  }
};

if (values.features !== undefined) rmSync(values.features, { force: true });
printRow('', 'questions', 'kept .3', 'dropped', 'AUC', 'first', 'silent .1');
const measured = new Map<Variant, Awaited<ReturnType<typeof measure>>>();
for (const variant of variants) {
  const service = await openSettledService(values.vectors);
  measured.set(variant, await measure(service, variant));
  if (values.features !== undefined) await writeFeatures(service, values.features);
  await service.close();
}

for (const [variant, { outcomes, nonsense }] of measured) {
  const { kept, dropped, auc } = summarize(outcomes);
  report(
    variant === 'verbatim' ? 'relevance' : `relevance, ${variant}`,
    `unseen users: 0.3 keeps ${percent(kept)} of right answers and drops ${percent(dropped)} of ` +
      `unrelated facts; at 0.1 ${percent(nonsense.silent)} of nonsense finds nothing; AUC ${auc.toFixed(3)}`,
    target,
  );
}
writeChart(values.chart, {
  title: 'Relevance for unseen users, in percent',
  series: ['kept at 0.3', 'dropped at 0.3', 'silent at 0.1', 'AUC x 100'],
  rows: [...measured].map(([name, { outcomes, nonsense }]) => {
    const { kept, dropped, auc } = summarize(outcomes);
    return { name, values: [kept, dropped, nonsense.silent, auc].map((share) => 100 * share) };
  }),
  targets: [95, 80, 90, 85],
});
