import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { memosCopiesContract } from '../contract/memos-copies.contract.ts';
import { memosResultsContract } from '../contract/memos-results.contract.ts';
import { type MemosServices, memosSurfaceContract } from '../contract/memos-surface.contract.ts';
import { memosTimesContract } from '../contract/memos-times.contract.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { openService } from '../support/in-memory-service.ts';
import { createScriptedModel } from '../support/scripted-model.ts';

const services: MemosServices = {
  async open() {
    const model = createScriptedModel();
    const clock = systemClock;
    const store = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });
    return { model, service: await openService({ languageModel: model, refines: false, store }) };
  },
};

memosSurfaceContract('DynamoDB', services);
memosCopiesContract('DynamoDB', services);
memosResultsContract('DynamoDB', services);
memosTimesContract('DynamoDB', services);
