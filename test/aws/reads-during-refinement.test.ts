import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { readsDuringRefinementContract } from '../contract/reads-during-refinement.contract.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { openService } from '../support/in-memory-service.ts';

readsDuringRefinementContract('DynamoDB', {
  async open() {
    const clock = systemClock;
    const store = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });
    return openService({ refines: false, store });
  },
});
