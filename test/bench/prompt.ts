import { parseArgs } from 'node:util';
import { answerSchema, type OptionalFields } from '../../shared/adapters/openai/answer-schema.ts';
import { promptFor } from '../../shared/adapters/openai/prompt.ts';
import { type EffectiveOptions, withDefaults } from '../../shared/domain/project-settings.ts';
import type { DecideRequest } from '../../shared/ports/language-model.ts';
import { countTokens } from '../support/count-tokens.ts';
import { writeChart } from './bar-chart.ts';
import { report } from './stats.ts';

// Tokens that a language model is sent with each turn: prompt and schema, before the words of the turn.
const target = 1_600;

const { values } = parseArgs({ options: { chart: { type: 'string' } } });

const saidAt = Date.parse('2026-11-21T14:05:00Z');

const memories = Array.from({ length: 10 }, (_, i) => ({
  text: `Sam Carter worked as a senior data engineer at Acme ${i} in San Francisco from 2024 to 2026.`,
  observedAt: saidAt,
}));

const turnWith = (options: Partial<EffectiveOptions>) => ({
  messages: [],
  observedAt: saidAt,
  options: withDefaults({ infer: true, ...options }, undefined),
});

/** Larger of the count of tokens and a quarter of the characters. */
const tokensOf = (request: DecideRequest, wanted: OptionalFields): number => {
  const prompt = promptFor(request).map(({ content }) => content);
  const all = [...prompt, JSON.stringify(answerSchema(wanted))].join('\n');
  return Math.max(countTokens(all), Math.ceil(all.length / 4));
};

const requests: [name: string, request: DecideRequest, wanted: OptionalFields][] = [
  ['no memories', { turns: [], memories: [] }, {}],
  ['ten memories', { turns: [], memories }, {}],
  ['categories, ten memories', { turns: [turnWith({})], memories }, { categories: true }],
  [
    'kinds, titles, tags as well',
    { turns: [turnWith({ described: true })], memories },
    { categories: true, description: true },
  ],
];

for (const [name, request, wanted] of requests)
  console.log(`${name.padEnd(30)} ${String(tokensOf(request, wanted)).padStart(6)} tokens`);

const tokens = tokensOf({ turns: [], memories }, {});
report('prompt', `${tokens} tokens before the turn, with ten memories`, `${target}`);
writeChart(values.chart, {
  title: `Tokens before the turn, in percent of the target of ${target}`,
  series: ['prompt and schema'],
  rows: requests.map(([name, request, wanted]) => ({
    name,
    values: [(100 * tokensOf(request, wanted)) / target],
  })),
  targets: [undefined],
});
