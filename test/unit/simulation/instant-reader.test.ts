import { expect, it } from 'vitest';
import { createInvariants } from '../../../functions/console/proof/invariants.ts';
import { createDispatcherHandler } from '../../../functions/dispatcher/handler.ts';
import { createWorkerHandler } from '../../../functions/worker/handler.ts';
import { createInstantReader } from '../../../shared/simulation/instant-reader.ts';
import { createSchedule } from '../../../shared/simulation/schedule.ts';
import { getScenario } from '../../support/simulation/scenario.ts';

const parts = {
  seed: 1,
  scenario: getScenario('adds'),
  handlers: { turns: createWorkerHandler, notifications: createDispatcherHandler },
};

it('a reader between two steps finds an add right after the step that commits it', async () => {
  const schedule = createSchedule(parts);
  const { history, scheduler } = schedule.service;
  const read = createInstantReader(schedule.service);
  const before = await read();

  while (history.turns.size === 0 && schedule.advance())
    await new Promise((resolve) => setImmediate(resolve));
  const step = scheduler.step();
  const after = await read();

  expect(before).toEqual([]);
  expect(after.map(({ id, rough }) => [id, rough])).toEqual([[[...history.turns.keys()][0], true]]);
  expect(scheduler.step()).toBe(step);
});

it('an invariant counts its checks and keeps its violations, which are those of no other', () => {
  const invariants = createInvariants();

  invariants.checked('leases');
  invariants.checked('leases');
  invariants.violated('leases', 'two holders');

  const touched = invariants.state().filter(({ checks, violations }) => checks + violations.length);
  expect(touched).toEqual([
    { name: expect.stringContaining('One process'), checks: 2, violations: ['two holders'] },
  ]);
});
