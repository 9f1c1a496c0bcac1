import { expect, it } from 'vitest';
import * as conditions from '../../../shared/core/conditions.ts';
import * as webhookConditions from '../../../shared/core/webhooks/conditions.ts';
import { mutations } from '../../support/simulation/mutation-table.ts';
import { runSchedule } from '../../support/simulation/run-schedule.ts';
import { getScenario } from '../../support/simulation/scenario.ts';
import { unobservableConditions } from '../../support/simulation/unobservable-conditions.ts';

const maxSchedules = 600;

it.each(mutations)(
  'the simulation finds a violation if $name',
  async ({ mutation, scenario, from }) => {
    let found = false;
    for (let seed = from; seed < from + maxSchedules && !found; seed++) {
      const { violations } = await runSchedule(seed, getScenario(scenario), mutation);
      found = violations.length > 0;
    }

    expect(found, `no violation in ${maxSchedules} schedules of ${scenario}`).toBe(true);
  },
  120_000,
);

it('every condition of the protocol has a mutation test or a reason why it cannot have one', () => {
  const mutated = mutations.flatMap(({ condition }) => condition ?? []);

  const named = [...Object.keys(conditions), ...Object.keys(webhookConditions)].sort();

  expect([...mutated, ...Object.keys(unobservableConditions)].sort()).toEqual(named);
});
