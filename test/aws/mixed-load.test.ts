import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { runMixedLoad } from '../support/mixed-load/mixed-load.ts';

it.each([
  ['one user', true],
  ['many users', false],
])(
  '32 clients that mix all operations on %s lose no update on DynamoDB',
  async (_, oneUser) => {
    const seed = randomInt(1, 2 ** 31);
    process.stdout.write(`seed of the mixed load: ${seed}\n`);
    const clock = systemClock;
    const store = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });

    const load = { seed, seconds: 5, clients: 32, oneUser };
    const result = await runMixedLoad(load, { store });
    await store.close();

    expect(result.findings).toEqual([]);
    expect(result.requests).toBeGreaterThan(100);
  },
  300_000,
);
