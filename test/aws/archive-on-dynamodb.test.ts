import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { parseAllowlistEntry } from '../../shared/domain/webhooks/allowlist.ts';
import { archiveContract } from '../contract/archive.contract.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { openWebhookService } from '../support/webhook-service.ts';

archiveContract(async ({ pages = false, receiver }) => {
  const clock = systemClock;
  const table = await openTable();
  const store = createDynamoDbStore({ ...table, clock, ids: createIds(clock) });
  const pair = parseAllowlistEntry(receiver ?? '');
  return openWebhookService({
    store,
    access: () => ({ streams: !pages }),
    ...(pair && { webhookAllow: [pair] }),
  });
});
