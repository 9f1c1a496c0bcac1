import { CreateTableCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptedTableProblem } from '../../shared/adapters/dynamodb/adopted-table.ts';
import { tableDefinition } from '../../shared/adapters/dynamodb/table.ts';
import { openTable } from '../support/dynamodb-table.ts';

let restored: Awaited<ReturnType<typeof openTable>>;
beforeAll(async () => {
  // Point-in-time recovery restores keys and indexes, and no time to live.
  restored = await openTable();
});
afterAll(() => restored.client.destroy());

const enableTimeToLive = (AttributeName: string) =>
  restored.client.send(
    new UpdateTimeToLiveCommand({
      TableName: restored.table,
      TimeToLiveSpecification: { Enabled: true, AttributeName },
    }),
  );

describe('a table that a stack is to use', () => {
  it('a restored table is refused until it has its time to live', async () => {
    const before = await adoptedTableProblem(restored.client, restored.table);
    await enableTimeToLive('expiresAt');

    expect(before).toContain(`update-time-to-live --table-name ${restored.table}`);
    expect(await adoptedTableProblem(restored.client, restored.table)).toBeUndefined();
  });

  it('a table that does not exist is refused by its name', async () => {
    expect(await adoptedTableProblem(restored.client, 'turnstone-nowhere')).toBe(
      'DEPLOY_TABLE names turnstone-nowhere, and there is no such table in this region.',
    );
  });

  it('a table without an index that the store reads is refused, and the index is named', async () => {
    const definition = tableDefinition(`${restored.table}-bare`);
    const [list] = definition.GlobalSecondaryIndexes ?? [];
    const attributes = ['due', 'dueAt'];
    await restored.client.send(
      new CreateTableCommand({
        ...definition,
        AttributeDefinitions: definition.AttributeDefinitions?.filter(
          ({ AttributeName = '' }) => !attributes.includes(AttributeName),
        ),
        GlobalSecondaryIndexes: list ? [list] : [],
      }),
    );

    expect(await adoptedTableProblem(restored.client, `${restored.table}-bare`)).toContain(
      'it lacks the index DUE of due HASH, dueAt RANGE with KEYS_ONLY',
    );
  });
});
