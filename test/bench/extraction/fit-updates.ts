import { parseArgs } from 'node:util';
import { loadLibraries } from '../../../shared/adapters/local-extractor/extract-turns.ts';
import {
  type LinkInputs,
  linkInputNames,
} from '../../../shared/adapters/local-extractor/facts/link-inputs.ts';
import { readLocomo } from '../locomo.ts';
import { percent } from '../relevance/metrics.ts';
import { type Part, readCases } from './dataset.ts';
import { type Group, groupsOfCases, groupsOfConversation } from './update-pairs.ts';

// Fits the coefficients by which the embedded rules judge whether a new fact replaces a known one: a logistic regression, where the
// best of the new facts of a turn counts.
const { positionals } = parseArgs({ allowPositionals: true });

const names = ['intercept', ...linkInputNames] as const;
type Model = Record<(typeof names)[number], number>;

const epochs = 400;
/** Adam (Kingma and Ba, 2015), and a penalty on large coefficients. */
const step = { rate: 0.1, momentum: 0.9, scale: 0.98, smallest: 1e-8, penalty: 0.002, batch: 50 };
/** Conversations of which facts are used. */
const maxConversations = 4;

const logOdds = (model: Model, row: LinkInputs): number =>
  linkInputNames.reduce((sum, name) => sum + model[name] * row[name], model.intercept);

const bestOf = (model: Model, { rows }: Group): { row: LinkInputs; logOdds: number } | undefined =>
  rows
    .map((row) => ({ row, logOdds: logOdds(model, row) }))
    .reduce((best, one) => (one.logOdds > best.logOdds ? one : best));

const zeros = (): Model => Object.fromEntries(names.map((name) => [name, 0])) as Model;

const gradientOf = (model: Model, groups: readonly Group[]): Model => {
  const sum = zeros();
  for (const one of groups) {
    const best = bestOf(model, one);
    if (!best) continue;
    const error = one.weight * (1 / (1 + Math.exp(-best.logOdds)) - one.label);
    sum.intercept += error;
    for (const name of linkInputNames) sum[name] += error * best.row[name];
  }
  return sum;
};

const fitModel = (groups: readonly Group[]): Model => {
  const model = { ...zeros(), intercept: -2 };
  const [mean, square] = [zeros(), zeros()];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const gradient = gradientOf(model, groups);
    for (const name of names) {
      const penalty = name === 'intercept' ? 0 : step.penalty * model[name];
      const slope = gradient[name] / step.batch + penalty;
      mean[name] = step.momentum * mean[name] + (1 - step.momentum) * slope;
      square[name] = step.scale * square[name] + (1 - step.scale) * slope * slope;
      const [m, s] = [
        mean[name] / (1 - step.momentum ** epoch),
        square[name] / (1 - step.scale ** epoch),
      ];
      model[name] -= (step.rate * m) / (Math.sqrt(s) + step.smallest);
    }
  }
  return model;
};

/** Share of groups with the label that the model finds a replacement in. */
const shareFound = (model: Model, groups: readonly Group[], label: 0 | 1): string => {
  const some = groups.filter((one) => one.label === label);
  const found = some.filter((one) => (bestOf(model, one)?.logOdds ?? 0) > 0).length;
  return `${found} of ${some.length} (${percent(found / Math.max(some.length, 1))})`;
};

const libraries = await loadLibraries();
const groupsOf = (...parts: readonly Part[]): Group[] =>
  groupsOfCases(libraries, parts.flatMap(readCases));
const older = groupsOf('training', 'everyday', 'fresh', 'colloquial', 'passed-on', 'second');
const newer = groupsOf('third', 'fourth', 'fifth', 'sixth', 'beside');
const talks = positionals
  .flatMap((file) => readLocomo(file).slice(0, maxConversations))
  .flatMap((conversation) => groupsOfConversation(libraries, conversation));

for (const [name, seen, unseen] of [
  ['newer by older parts', older, newer],
  ['older by newer parts', newer, older],
] as const) {
  const model = fitModel([...seen, ...talks]);
  console.log(
    `${name}: replaced ${shareFound(model, unseen, 1)}, of what may not ${shareFound(model, unseen, 0)}`,
  );
}
const model = fitModel([...older, ...newer, ...talks]);
console.log(`conversations: replaced ${shareFound(model, talks, 0)}`);
for (const name of names) console.log(`  ${name}: ${Number(model[name].toFixed(2))},`);
