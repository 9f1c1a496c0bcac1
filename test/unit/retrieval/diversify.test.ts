import { expect, it } from 'vitest';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import { diversify } from '../../../shared/core/retrieval/diversify.ts';
import type { ScoredMemory } from '../../../shared/domain/memory/memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';

const vectors: { readonly [text: string]: number[] } = {
  'Cats delight her.': [1, 0],
  'She adores felines.': [1, 0],
  'Roofs leak.': [0, 1],
};

const found = Object.keys(vectors).map(
  (text, at) => ({ id: text, text, score: 0.9 - at / 10 }) as ScoredMemory,
);

const platform = {
  clock: systemClock,
  telemetry: { log: () => {} },
  embedder: {
    model: 'two',
    embed: async (texts: readonly string[]) =>
      texts.map((text) => Float32Array.from(vectors[text] ?? [])),
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
