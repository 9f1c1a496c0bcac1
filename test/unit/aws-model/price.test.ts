import { expect, it } from 'vitest';
import { assumed } from '../../support/aws-model/assumptions.ts';
import { openInstallation } from '../../support/aws-model/installation.ts';
import { replaceTimeouts } from '../../support/aws-model/virtual-time.ts';

const minuteMs = 60_000;
const adds = 3;

/** Kind of a key's partition: that of the first part of the key, with the name of the index. */
const kindOf = (name: string): string => {
  const [index = '', partition = ''] = name.split(' ');
  return index === 'table' ? (partition.split('#')[0] ?? '') : index;
};

/** Write units of an add by the first letter of the partition key (see keys.ts), or by index; test/bench/README.md explains them. */
const unitsByPartition = {
  M: 5,
  S: 12,
  X: 12,
  E: 7,
  T: 6,
  O: 3,
  P: 1,
  I: 2,
  DUE: 8,
  GSI1: 3,
  U: 1,
};

/** Adds turns of one memory each, one at a time, and waits until nothing is left to do. */
const measure = async ({ hasEndpoint = false } = {}) => {
  const installation = openInstallation(assumed);
  const { time, capacity } = installation;
  const restore = replaceTimeouts(time);
  const start = time.exact();
  let atAnswer = 0;
  if (hasEndpoint) time.at(start, () => installation.registerEndpoint(8));
  for (let number = 0; number < adds; number++)
    time.at(start + 1_000 + number * 10_000, async () => {
      const before = capacity.total.writeUnits;
      await installation.add({
        entities: { user: `user-${number}` },
        messages: [{ role: 'user', content: `I moved to town ${number} last week.` }],
        metadata: {},
        options: { infer: true },
      });
      // The first request of all also notes the format of the table.
      if (number === 1) atAnswer = capacity.total.writeUnits - before;
    });
  await time.runUntil(start + 9 * minuteMs);
  restore();
  const units = new Map<string, number>();
  for (const [name, used] of capacity.used)
    units.set(kindOf(name), (units.get(kindOf(name)) ?? 0) + used / adds);
  return { installation, atAnswer, units };
};

it('an add costs 16 write units until its answer, 59 until nothing is left to do and one for meters of usage, and not one more', async () => {
  const { installation, atAnswer, units } = await measure();

  // The sweeper notes the settings of the index once in an installation.
  units.delete('SETTINGS');
  const rounded = Object.fromEntries([...units].map(([kind, used]) => [kind, Math.round(used)]));
  const total = [...units.values()].reduce((sum, used) => sum + used, 0);
  expect(installation.refinedMs).toHaveLength(adds);
  expect(installation.oldestDueMs()).toBe(0);
  expect(atAnswer).toBe(16);
  expect(rounded).toEqual(unitsByPartition);
  // A worker writes its meter after each batch, here of one turn, and the API its own once in these minutes.
  expect(total).toBeCloseTo(59 + 1 + 1 / adds, 6);
});

it('an add costs 3 write units more until its answer where an endpoint is notified of it', async () => {
  const { atAnswer } = await measure({ hasEndpoint: true });

  expect(atAnswer).toBe(19);
});
