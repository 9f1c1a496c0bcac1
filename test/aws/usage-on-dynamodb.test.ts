import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { readUsage } from '../../shared/core/projects/read-usage.ts';
import { createUsageMeter } from '../../shared/core/projects/usage-meter.ts';
import { hourMs } from '../../shared/domain/time.ts';
import { hourOf, noUsage, noWork } from '../../shared/domain/usage.ts';
import type { Store } from '../../shared/ports/store.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { createManualClock } from '../support/manual-clock.ts';

// DynamoDB Local deletes expired items by its own clock.
const clock = createManualClock(Date.now() - 3 * hourMs);
const ids = createIds(clock);
let store: Store;
beforeAll(async () => {
  store = createDynamoDbStore({ ...(await openTable()), clock, ids });
});
afterAll(() => store.close());

it('usage on DynamoDB is read by hour and summed over all processes', async () => {
  const platform = { store, clock, ids, telemetry: { log: () => {} } };
  const meters = [createUsageMeter(platform), createUsageMeter(platform)];
  const since = hourOf(clock.now());
  for (let hour = 0; hour < 3; hour++) {
    for (const meter of meters) {
      for (const project of ['mine', 'mine#2']) {
        meter.count({ project, key: 'k' }, { ...noUsage, requests: 1 });
        meter.countWork(project, { refinements: 1, promptTokens: 100 });
      }
      await meter.flush();
    }
    await clock.advance(hourMs);
  }

  const all = await readUsage({ store }, 'mine', { since, until: clock.now() });
  const last = await readUsage({ store }, 'mine', {
    since: since + hourMs,
    until: since + 2 * hourMs,
  });

  const hour = (at: number) => ({
    hour: since + at * hourMs,
    keys: { k: { ...noUsage, requests: 2 } },
    work: { ...noWork, refinements: 2, promptTokens: 200 },
  });
  expect(all).toEqual({ hours: [hour(0), hour(1), hour(2)] });
  expect(last).toEqual({ hours: [hour(1)] });
});
