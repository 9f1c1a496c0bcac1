import { paginateScan } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { knowledgeBaseListsContract } from '../contract/knowledge-base-lists.contract.ts';
import {
  type KnowledgeBaseServices,
  knowledgeBasesContract,
} from '../contract/knowledge-bases.contract.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { openService } from '../support/in-memory-service.ts';
import { memosClient } from '../support/memos-client.ts';

const openStore = async () => {
  const table = await openTable();
  const clock = systemClock;
  return { table, store: createDynamoDbStore({ ...table, clock, ids: createIds(clock) }) };
};

const services: KnowledgeBaseServices = {
  open: async () => openService({ store: (await openStore()).store }),
};
knowledgeBasesContract('DynamoDB', services);
knowledgeBaseListsContract('DynamoDB', services);

it('on DynamoDB no text and no name is left of a file once its knowledge base is deleted', async () => {
  const { table, store } = await openStore();
  const service = await openService({ store });
  const memos = memosClient(service.client);
  const itemsWith = async (word: string): Promise<unknown[]> => {
    const found: unknown[] = [];
    const pages = paginateScan({ client: table.client }, { TableName: table.table });
    for await (const { Items = [] } of pages)
      for (const item of Items) if (JSON.stringify(item).includes(word)) found.push(item['sk']?.S);
    return found;
  };
  const { id } = await memos.data('create/knowledgebase', { knowledgebase_name: 'zqfolio' });
  const [file] = await memos.data('add/knowledgebase-file', {
    knowledgebase_id: id,
    file: [{ name: 'zqfolio.txt', content: 'data:text/plain,The%20zqfolio%20tower%20is%20red.' }],
  });
  await service.client(`GET /v1/events/${file.task_id}?wait=20`);
  const before = await itemsWith('zqfolio');

  const { task_id } = await memos.data('delete/knowledgebase', { knowledgebase_id: id });
  await service.client(`GET /v1/events/${task_id}?wait=20`);

  expect(before).not.toEqual([]);
  expect(await itemsWith('zqfolio')).toEqual([]);
  await service.close();
  await store.close();
});
