import { expect, it } from 'vitest';
import { runSchedule } from '../../support/simulation/run-schedule.ts';
import { scenarioForSeed } from '../../support/simulation/scenario.ts';
import { failuresOf } from '../../support/simulation/seeds.ts';

it('the simulated service violates no invariant in the schedules of seeds 1 to 1,000', async () => {
  expect(await failuresOf(1, 1_000)).toEqual([]);
}, 300_000);

it('the simulation repeats a schedule step by step from the same seed', async () => {
  for (const seed of [3, 70, 901]) {
    const first = await runSchedule(seed, scenarioForSeed(seed));
    const second = await runSchedule(seed, scenarioForSeed(seed));

    expect(second).toEqual(first);
    expect(first.trace.length).toBeGreaterThan(0);
  }
});
