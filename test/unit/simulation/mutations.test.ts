import { describe, expect, it } from 'vitest';
import * as conditions from '../../../shared/core/conditions.ts';
import { mutations } from '../../support/simulation/mutation-table.ts';
import { runSchedule } from '../../support/simulation/run-schedule.ts';
import { scenarioNamed } from '../../support/simulation/scenario.ts';
import { unseen } from '../../support/simulation/unobservable-conditions.ts';

const maxSchedules = 600;

describe('without one thing of the protocol, the simulation fails', () => {
  for (const { name, mutation, scenario } of mutations)
    it(name, async () => {
      let found = false;
      for (let seed = 1; seed <= maxSchedules && !found; seed++) {
        const { complaints } = await runSchedule(seed, scenarioNamed(scenario), mutation);
        found = complaints.length > 0;
      }

      expect(found, `${maxSchedules} schedules of ${scenario} saw nothing wrong`).toBe(true);
    }, 120_000);
});

it('every condition is taken away in the table, or it is said why not', () => {
  const taken = mutations.flatMap(({ name }) => /^condition (\w+)$/.exec(name)?.[1] ?? []);

  const named = Object.keys(conditions).sort();

  expect([...taken, ...Object.keys(unseen)].sort()).toEqual(named);
});
