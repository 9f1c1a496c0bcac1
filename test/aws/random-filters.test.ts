import { expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { checkFilters } from '../support/mem0-filters/check-filters.ts';

it('300 random filters agree with a naive evaluator on DynamoDB', async () => {
  const clock = systemClock;
  const store = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });

  await expect(checkFilters(300, 7, { store })).resolves.toBeUndefined();
  await store.close();
}, 600_000);
