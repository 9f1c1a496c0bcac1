import { paginateScan } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { deleteMemory } from '../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../shared/core/memories/update-memory.ts';
import { type CoreFixture, openCoreFixture, project } from '../support/core-fixture.ts';
import { forget } from '../support/delete-all.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { writesOf } from '../support/intercepted-store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { learning } from '../support/scripted-model.ts';

/** A text that the plan alone has: the turn says it in other words. */
const planned = 'Kestrels breed in the belfry.';

/** Opens the core on DynamoDB, with a turn whose plan was saved before a crash. */
const openWithPlan = async () => {
  const { client, table } = await openTable();
  const clock = createManualClock();
  const store = createDynamoDbStore({ client, table, clock, ids: createIds(clock) });
  const service = openCoreFixture({ store });
  service.model.next(learning(planned));
  const { turn } = await service.add('There are falcons in the church tower.');
  const crashing = service.intercepted({
    before: ({ steps }) => {
      if (writesOf(steps, 'CHANGES').length > 0) throw new Error('crash');
    },
  });
  await expect(service.refine(undefined, crashing)).rejects.toThrow('crash');

  /** First parts of the sort keys of items in which a word is. */
  const itemsSaying = async (word: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table }))
      for (const item of Items)
        if (JSON.stringify(item).toLowerCase().includes(word))
          found.push(String(item['sk']?.S).split('#')[0] ?? '');
    return found;
  };
  return { service, turn, itemsSaying };
};

it.each<[string, (service: CoreFixture, turn: string) => Promise<unknown>]>([
  [
    'a delete-all',
    async (service) => {
      await forget(service);
      await service.work();
    },
  ],
  ['the deletion of the turn', ({ platform }, turn) => deleteMemory(platform, project, turn)],
  [
    'an edit of the turn',
    ({ platform }, turn) =>
      updateMemory(platform, project, turn, { text: 'There are storks in the tower.' }),
  ],
])('on DynamoDB no byte of a saved plan is left after %s', async (_, erase) => {
  const { service, turn, itemsSaying } = await openWithPlan();
  expect(await itemsSaying('kestrel')).toEqual(['PEND']);
  expect(await itemsSaying('falcon')).toEqual(['TURN']);

  await erase(service, turn);

  expect(await itemsSaying('kestrel')).toEqual([]);
  expect(await itemsSaying('falcon')).toEqual([]);
});
