import { expect, it } from 'vitest';
import { failuresOf } from '../../support/simulation/seeds.ts';

it('the simulation finds nothing wrong, whatever comes between (seeds 1,001 to 2,000)', async () => {
  expect(await failuresOf(1_001, 2_000)).toEqual([]);
}, 300_000);
