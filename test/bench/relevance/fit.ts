import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { usersOf } from './dataset.ts';
import { type AskedQuery, inputNames } from './feature-rows.ts';
import {
  type Coefficients,
  type FitOptions,
  fitModel,
  itemLogit,
  probability,
} from './linear-model.ts';
import { type Outcome, percent, quantile, summarize } from './metrics.ts';

// Fits the coefficients of relevance to the inputs that bench:relevance and bench:locomo wrote.
const { values, positionals } = parseArgs({
  options: {
    unrelated: { type: 'string', default: '2' },
    nonsense: { type: 'string', default: '6' },
    ranking: { type: 'string', default: '1' },
    lexical: { type: 'boolean', default: false },
    'leave-out': { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
if (positionals.length === 0) {
  console.error(
    'Usage: npm run fit:relevance -- <files of features> [--unrelated 2] [--nonsense 6] [--ranking 1] [--lexical] [--leave-out]\n' +
      '--unrelated and --nonsense weigh all such items together, and --ranking the order of turns, against all right answers;\n' +
      '--lexical fits to words alone; --leave-out measures each user and conversation by a fit to the others.',
  );
  process.exit(1);
}

const semanticInputs: ReadonlySet<string> = new Set(['cosine', 'cosineFrom20', 'spokenCosine']);
const isUsed = (name: string): boolean => !values.lexical || !semanticInputs.has(name);
const positionOf = (name: (typeof inputNames)[number]): number => inputNames.indexOf(name) + 1;
const coverageAt = inputNames.indexOf('coverage');

/** Takes cosines away, and candidates that only they have found. */
const lexicalRows = (query: AskedQuery): AskedQuery => ({
  ...query,
  items: query.items.map((item) => ({
    ...item,
    rows: item.rows
      .filter((row) => (row[coverageAt] ?? 0) > 0)
      .map((row) => row.map((value, i) => (isUsed(inputNames[i] ?? '') ? value : 0))),
  })),
});

const all = positionals
  .flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean))
  .map((line): AskedQuery => JSON.parse(line))
  .map((query) => (values.lexical ? lexicalRows(query) : query));
const strangers = all.filter(
  ({ bench, owner }) => bench === 'relevance' && !usersOf.training.some((known) => known === owner),
);
if (strangers.length > 0) throw new Error('the files have users that no ranking may be fitted to');

const options: FitOptions = {
  unrelated: Number(values.unrelated),
  nonsense: Number(values.nonsense),
  ranking: Number(values.ranking),
  // Set by hand: neither benchmark has enough identifiers and facts about other persons, and a repeated word is a better match.
  fixed: new Map([
    [positionOf('bm25'), 0.5],
    [positionOf('identifiers'), 0.5],
    [positionOf('anotherPerson'), -2.6],
    [positionOf('anotherCoverage'), -4.4],
    ...inputNames.flatMap((name, i): [number, number][] => (isUsed(name) ? [] : [[i + 1, 0]])),
  ]),
  signed: new Set([0, positionOf('spokenCosine')]),
};

type ModelOf = (query: AskedQuery) => Coefficients;

const scoresOf = (model: Coefficients, { items }: AskedQuery, label: string): number[] =>
  items.filter((item) => item.label === label).map((item) => probability(itemLogit(model, item)));

const printRelevance = (queries: readonly AskedQuery[], modelOf: ModelOf): void => {
  const [asked, silly] = [false, true].map((isNonsense) =>
    queries.filter(({ items }) => items.every(({ label }) => label === 'nonsense') === isNonsense),
  );
  const outcomes = (asked ?? []).map((query): Outcome => {
    const model = modelOf(query);
    return {
      right: scoresOf(model, query, 'right'),
      unrelated: scoresOf(model, query, 'unrelated'),
    };
  });
  const nonsense = (silly ?? []).map((query) =>
    Math.max(0, ...scoresOf(modelOf(query), query, 'nonsense')),
  );
  const { kept, dropped, auc, first } = summarize(outcomes);
  const silent = nonsense.filter((score) => score < 0.1).length / nonsense.length;
  const rights = outcomes.flatMap(({ right }) => right);
  console.log(
    `  relevance: 0.3 keeps ${percent(kept)} and drops ${percent(dropped)}, AUC ${auc.toFixed(3)}, first ${percent(first)}, ` +
      `at 0.1 ${percent(silent)} of nonsense finds nothing; 95 % of right answers are from ` +
      `${quantile(rights, 0.05).toFixed(3)}, 90 % of nonsense up to ${quantile(nonsense, 0.9).toFixed(3)}`,
  );
};

const cut = 10;

const printRanking = (queries: readonly AskedQuery[], modelOf: ModelOf): void => {
  let recall = 0;
  let reciprocal = 0;
  for (const query of queries) {
    const model = modelOf(query);
    const order = query.items
      .map((item) => ({ isRight: item.label === 'right', logit: itemLogit(model, item) }))
      .sort((a, b) => b.logit - a.logit);
    const found = order.slice(0, cut).filter(({ isRight }) => isRight).length;
    recall += found / order.filter(({ isRight }) => isRight).length;
    reciprocal += 1 / (1 + order.findIndex(({ isRight }) => isRight));
  }
  console.log(
    `  LoCoMo: turn recall@${cut} ${percent(recall / queries.length)}, MRR ${(reciprocal / queries.length).toFixed(3)}, one result a turn`,
  );
};

const print = (name: string, modelOf: ModelOf): void => {
  console.log(name);
  const parts = Map.groupBy(all, ({ bench }) => bench);
  printRelevance(parts.get('relevance') ?? [], modelOf);
  printRanking(parts.get('locomo') ?? [], modelOf);
};

const model = fitModel(all, options);
for (const [i, name] of ['intercept', ...inputNames].entries())
  console.log(`${name.padEnd(16)} ${(model[i] ?? 0).toFixed(3).padStart(8)}`);
print('fitted to all', () => model);

if (values['leave-out']) {
  const models = new Map<string, Coefficients>();
  for (const left of new Set(all.map(({ owner }) => owner))) {
    const others = all.filter(({ owner }) => owner !== left);
    models.set(left, fitModel(others, { ...options, start: model }));
  }
  print(
    'each user and conversation by a fit to the others',
    ({ owner }) => models.get(owner) ?? [],
  );
}
