import { expect, it } from 'vitest';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import { diversify } from '../../../shared/core/retrieval/diversify.ts';
import { type Order, reorder } from '../../../shared/core/retrieval/reorder.ts';
import type { ScoredMemory } from '../../../shared/domain/memory/memory.ts';
import { dayMs } from '../../../shared/domain/time.ts';
import type { Platform } from '../../../shared/ports/platform.ts';

const vectors: { readonly [text: string]: number[] } = {
  'Cats delight her.': [1, 0, 0],
  'She adores felines.': [1, 0, 0],
  'Roofs leak.': [0, 1, 0],
  'Bread rises.': [0, 0, 1],
};

const memory = (text: string, at: number) =>
  ({
    id: text,
    text,
    score: 0.9 - at / 10,
    observedAt: at * 30 * dayMs,
    validFrom: 0,
  }) as ScoredMemory;
const found = ['Cats delight her.', 'She adores felines.', 'Roofs leak.'].map(memory);
const unlike = ['Cats delight her.', 'Roofs leak.', 'Bread rises.'].map(memory);

const platform = {
  clock: systemClock,
  telemetry: { log: () => {} },
  embedder: {
    model: 'two',
    embed: async (texts: readonly string[]) =>
      texts.map((text) => Float32Array.from(vectors[text] ?? [])),
  },
  languageModel: {
    chat: async () => ({ ok: true, text: '3, 1', usage: { prompt: 1, completion: 1 } }),
  },
} as unknown as Platform;

it('results that say the same in other words are apart', async () => {
  const chosen = await diversify(platform, 'proj_1', found, { diversity: 0.5, topK: 2 });

  expect(chosen.map(({ text }) => text)).toEqual([
    'Cats delight her.',
    'Roofs leak.',
    'She adores felines.',
  ]);
});

it.each<[string, Partial<Order>, string[]]>([
  ['recency', { recency: 1 }, ['Bread rises.', 'Roofs leak.', 'Cats delight her.']],
  [
    'the language model',
    { rerank: (_, signal, ask) => ask(signal) },
    ['Bread rises.', 'Cats delight her.', 'Roofs leak.'],
  ],
])('results that are unlike each other stay in the order of %s', async (_, by, expected) => {
  const order = { recency: 0, diversity: 0.2, ...by };

  const { memories } = await reorder(platform, 'proj_1', unlike, {
    ...{ query: 'what?', topK: 3, now: 90 * dayMs },
    order,
  });

  expect(memories.map(({ text }) => text)).toEqual(expected);
});
