import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { checkFilters } from '../support/mem0-filters/check-filters.ts';

it('1,000 random filters agree with a naive evaluator, in lists and in both indexes', async () => {
  const seed = randomInt(1, 2 ** 31);
  process.stdout.write(`seed of the random filters: ${seed}\n`);

  await expect(checkFilters(1_000, seed)).resolves.toBeUndefined();
}, 120_000);
