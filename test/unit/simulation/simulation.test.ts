import { describe, expect, it } from 'vitest';
import { runSchedule } from '../../support/simulation/run-schedule.ts';
import { scenarioOf } from '../../support/simulation/scenario.ts';
import { failuresOf } from '../../support/simulation/seeds.ts';

describe('the simulation', () => {
  it('finds nothing wrong, whatever comes between (seeds 1 to 1,000)', async () => {
    expect(await failuresOf(1, 1_000)).toEqual([]);
  }, 300_000);

  it('plays the same from the same seed, step by step', async () => {
    for (const seed of [3, 70, 901]) {
      const first = await runSchedule(seed, scenarioOf(seed));
      const second = await runSchedule(seed, scenarioOf(seed));

      expect(second).toEqual(first);
      expect(first.trace.length).toBeGreaterThan(0);
    }
  });
});
