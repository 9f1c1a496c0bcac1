import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Inputs } from '../../../shared/core/retrieval/relevance-inputs.ts';
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
    nonsense: { type: 'string', default: '10' },
    lexical: { type: 'boolean', default: false },
    'leave-out': { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
if (positionals.length === 0) {
  console.error(
    'Usage: npm run fit:relevance -- <files of features> [--unrelated 2] [--nonsense 10] [--lexical] [--leave-out]\n' +
      '--unrelated and --nonsense weigh all such items together against all right answers; --lexical fits to words alone;\n' +
      '--leave-out measures each user and conversation by a fit to the others.',
  );
  process.exit(1);
}

const semanticInputs: ReadonlySet<string> = new Set(['cosine', 'cosineFrom20', 'confirmed']);
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

const contextInputs = [
  'after',
  'session',
  'completedBefore',
  'completedAfter',
  'answers',
  'cosinesAround',
] as const satisfies readonly (keyof Inputs)[];

type Fixed = readonly (readonly [(typeof inputNames)[number], number])[];

/** Set by hand: neither benchmark has enough identifiers and facts about other persons, and a repeated word is a better match. */
const setByHand: Fixed = [
  ['bm25', 0.5],
  ['identifiers', 0.5],
  ['anotherPerson', -3.2],
  ['anotherCoverage', -5.4],
];
/**
 * Names of speakers are forms of address, the questions are all questions without codes, and no turn has two best memories. Words
 * about a relative often answer a question about the person speaking.
 */
const setForSpoken: Fixed = [
  ['anotherPerson', 0],
  ['anotherCoverage', 0],
  ['unknownCode', -1.25],
  ['names', 0],
  ['repeats', -2],
  ['asked', 2.4],
  ['oneWord', 1.9],
];
/** No labelled fact has a speaker, and few questions ask for a time. A fit alone takes words for cosines: a verbatim fact confirms itself. */
const setForFacts: Fixed = [
  ['coverage', 3],
  ['confirmed', 3],
  ['rareWords', 0.4],
  ['speaker', 1.7],
  ['time', 1.8],
  ['place', 0.5],
  ['amount', 0.3],
  ['reason', 0.3],
  ['specifics', 0],
  ['quotes', 0],
  ['ofKind', 0],
  ['repeats', 0],
  ['states', 0.7],
];

const optionsWith = (penalty: number, ...fixed: Fixed): FitOptions => ({
  penalty,
  unrelated: Number(values.unrelated),
  nonsense: Number(values.nonsense),
  ranking: 1,
  fixed: new Map([
    ...[...setByHand, ...fixed].map(([name, value]): [number, number] => [positionOf(name), value]),
    ...inputNames.flatMap((name, i): [number, number][] => (isUsed(name) ? [] : [[i + 1, 0]])),
  ]),
  signed: new Set([0, positionOf('unknownCode')]),
});

/** Coefficients for what named persons said, and for facts. */
interface Models {
  spoken: Coefficients;
  facts: Coefficients;
}

/** Fits both. Inputs of the conversation have the same coefficients in both, since the labelled facts are not of one. */
const fitBoth = (queries: readonly AskedQuery[], start?: Models): Models => {
  const near = (model: Coefficients | undefined) => (model ? { start: model } : {});
  const ofBench = (bench: AskedQuery['bench']) => queries.filter((query) => query.bench === bench);
  const spoken = fitModel(ofBench('locomo'), {
    ...optionsWith(0.0003, ...setForSpoken),
    ...near(start?.spoken),
  });
  const context = contextInputs.map((name) => [name, spoken[positionOf(name)] ?? 0] as const);
  const facts = fitModel(ofBench('relevance'), {
    ...optionsWith(0.001, ...setForFacts, ...context),
    ...near(start?.facts),
  });
  return { spoken, facts };
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

const marksOf = (queries: readonly AskedQuery[], modelOf: ModelOf): void => {
  const sums = (wanted: string): number[] =>
    queries.flatMap((query) => {
      const model = modelOf(query);
      const own = query.items.filter(({ label }) => label === wanted);
      const found = own
        .map((item) => itemLogit(model, item) - (model[0] ?? 0))
        .filter((sum) => sum > Number.NEGATIVE_INFINITY);
      return wanted === 'nonsense' && found.length > 0 ? [Math.max(...found)] : found;
    });
  const print = (name: string, values: number[], at: readonly number[]) =>
    console.log(
      `  sums of ${name}: ${at.map((share) => `${percent(share)} below ${quantile(values, share).toFixed(2)}`).join(', ')}`,
    );
  const nonsense = sums('nonsense');
  if (nonsense.length > 0) print('nonsense', nonsense, [0.9, 0.92, 0.94, 0.96, 0.98]);
  print('right answers', sums('right'), [0.005, 0.01, 0.02, 0.03, 0.05, 0.1]);
};

const print = (name: string, modelsOf: (owner: string) => Models): void => {
  console.log(name);
  const { relevance = [], locomo = [] } = Object.groupBy(all, ({ bench }) => bench);
  const factsOf: ModelOf = ({ owner }) => modelsOf(owner).facts;
  const spokenOf: ModelOf = ({ owner }) => modelsOf(owner).spoken;
  printRelevance(relevance, factsOf);
  marksOf(relevance, factsOf);
  printRanking(locomo, spokenOf);
  marksOf(locomo, spokenOf);
};

const models = fitBoth(all);
console.log(`${''.padEnd(16)} ${'facts'.padStart(8)} ${'spoken'.padStart(8)}`);
for (const [i, name] of ['intercept', ...inputNames].entries()) {
  const cells = [models.facts, models.spoken].map((model) => (model[i] ?? 0).toFixed(2));
  console.log(`${name.padEnd(16)} ${cells.map((cell) => cell.padStart(8)).join(' ')}`);
}
print('fitted to all', () => models);

if (values['leave-out']) {
  const left = new Map(
    [...new Set(all.map(({ owner }) => owner))].map((name) => [
      name,
      fitBoth(
        all.filter(({ owner }) => owner !== name),
        models,
      ),
    ]),
  );
  print('each user and conversation by a fit to the others', (owner) => left.get(owner) ?? models);
}
