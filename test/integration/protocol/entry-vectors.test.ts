import { expect, it } from 'vitest';
import { embedEntries } from '../../../shared/core/retrieval/entry-vectors.ts';
import { openCoreFixture, project } from '../../support/core-fixture.ts';

const dimension = 4_096;

/** An embedder that counts the texts it was asked for. */
const counting = () => {
  let texts = 0;
  return {
    asked: () => texts,
    embedder: {
      model: 'counting',
      embed: async (batch: readonly string[]) => {
        texts += batch.length;
        return batch.map(() => new Float32Array(dimension));
      },
    },
  };
};

const entries = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `entry-${n}#1`, text: `Text ${n}.` }));

it('a batch larger than the cache gets the vectors of all its entries', async () => {
  const { platform } = openCoreFixture();
  const { embedder } = counting();
  const few = entries(10);
  const many = entries(1_500);

  await embedEntries({ ...platform, embedder }, project, few);
  const vectors = await embedEntries({ ...platform, embedder }, project, many);

  expect(many.filter(({ id }) => !vectors.has(id))).toEqual([]);
  expect(platform.caches.entryVectors.size).toBeLessThan(many.length);
});

it('an entry of the same id in another project is embedded by itself', async () => {
  const { platform } = openCoreFixture();
  const { embedder, asked } = counting();

  await embedEntries({ ...platform, embedder }, 'proj_a', entries(1));
  await embedEntries({ ...platform, embedder }, 'proj_a', entries(1));
  await embedEntries({ ...platform, embedder }, 'proj_b', entries(1));

  expect(asked()).toBe(2);
});
