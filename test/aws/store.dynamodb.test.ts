import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { describeStore } from '../contract/store.contract.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { createManualClock } from '../support/manual-clock.ts';

describeStore('DynamoDB', async () => {
  const clock = createManualClock();
  const store = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });
  return { store, clock, settle: async () => {}, dispose: () => store.close() };
});
