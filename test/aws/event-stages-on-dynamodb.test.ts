import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { eventStagesContract } from '../contract/event-stages.contract.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { openWebhookService } from '../support/webhook-service.ts';

eventStagesContract(
  'DynamoDB',
  async (options) => {
    const clock = systemClock;
    const store = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });
    return openWebhookService({ store, ...options });
  },
  false,
);
