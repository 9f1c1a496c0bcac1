import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { assumed } from '../support/aws-model/assumptions.ts';
import { createCapacity } from '../support/aws-model/capacity.ts';
import { createTableItems } from '../support/aws-model/table-items.ts';
import { createTableService } from '../support/aws-model/table-service.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { describeStore } from './store.contract.ts';

// The model of the table, in real time. The suite is that of DynamoDB Local.
describeStore('the model of DynamoDB', async () => {
  const clock = createManualClock();
  const table = createTableService({
    items: createTableItems(),
    capacity: createCapacity(() => performance.now(), assumed.table),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    sample: () => 1,
    latencies: assumed.table,
  });
  const client = table.client();
  const store = createDynamoDbStore({ client, table: 'model', clock, ids: createIds(clock) });
  return { store, clock, settle: async () => {}, dispose: () => store.close() };
});
