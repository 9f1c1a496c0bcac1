import { expect, it } from 'vitest';
import { failuresOf } from '../../support/simulation/seeds.ts';

// A second file, so that both halves of the seeds run concurrently.
it('the simulated service violates no invariant in the schedules of seeds 1,001 to 2,000', async () => {
  expect(await failuresOf(1_001, 2_000)).toEqual([]);
}, 300_000);
