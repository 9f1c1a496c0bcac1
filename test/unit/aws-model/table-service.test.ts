import {
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { assumed } from '../../support/aws-model/assumptions.ts';
import { createCapacity } from '../../support/aws-model/capacity.ts';
import { createTableItems } from '../../support/aws-model/table-items.ts';
import { createTableService } from '../../support/aws-model/table-service.ts';
import { createVirtualTime } from '../../support/aws-model/virtual-time.ts';

const TableName = 'table';

/** A table in virtual time with exact latencies. */
const openTable = (limits: Partial<typeof assumed.table> = {}) => {
  const time = createVirtualTime();
  const table = { ...assumed.table, ...limits };
  const capacity = createCapacity(time.exact, table);
  const service = createTableService({
    items: createTableItems(),
    capacity,
    sleep: time.sleep,
    sample: (ms) => ms,
    latencies: table,
  });
  const client = service.client();
  /** Runs requests and the time until all of them are answered. */
  const settled = async (requests: readonly Promise<unknown>[]) => {
    const all = Promise.allSettled(requests);
    await time.runUntil(time.exact() + 60_000);
    return all;
  };
  return { time, capacity, service, client, settled };
};

const item = (pk: string, more: object = {}) => ({ pk: { S: pk }, sk: { S: 'A' }, ...more });

const checkOf = (pk: string) => ({
  ConditionCheck: {
    TableName,
    Key: item(pk),
    ConditionExpression: 'attribute_not_exists(#n0)',
    ExpressionAttributeNames: { '#n0': 'pk' },
  },
});

const transaction = (token: string, ...TransactItems: object[]) =>
  new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: token });

const putOf = (pk: string) => ({ Put: { TableName, Item: item(pk) } });

const reasonsOf = (result: PromiseSettledResult<unknown> | undefined) =>
  result?.status === 'rejected' && result.reason instanceof TransactionCanceledException
    ? result.reason.CancellationReasons?.map(({ Code }) => Code)
    : result?.status;

describe('the model of DynamoDB', () => {
  it('two transactions that check the same item conflict, and the first one commits', async () => {
    const { client, settled, service } = openTable();

    const results = await settled([
      client.send(transaction('1', putOf('a'), checkOf('shared'))),
      client.send(transaction('2', putOf('b'), checkOf('shared'))),
    ]);

    expect(results.map(reasonsOf)).toEqual(['fulfilled', ['None', 'TransactionConflict']]);
    expect([...service.conflicts]).toEqual([['shared\nA', 1]]);
  });

  it('a transaction that begins after another one ended does not conflict', async () => {
    const { client, time, settled } = openTable();

    const first = client.send(transaction('1', putOf('a'), checkOf('shared')));
    await time.runUntil(time.exact() + assumed.table.transactionMs);
    const results = await settled([
      first,
      client.send(transaction('2', putOf('b'), checkOf('shared'))),
    ]);

    expect(results.map(reasonsOf)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('a single write of an item in a transaction conflicts, and a read does not', async () => {
    const { client, time, settled } = openTable();

    const running = client.send(transaction('1', putOf('a'), putOf('b')));
    await time.runUntil(time.exact() + 5);
    const [, write, read] = await settled([
      running,
      client.send(new PutItemCommand({ TableName, Item: item('a') })),
      client.send(new GetItemCommand({ TableName, Key: item('a') })),
    ]);

    expect(write).toMatchObject({ reason: { name: 'TransactionConflictException' } });
    expect(read?.status).toBe('fulfilled');
  });

  it('a repeated transaction with the same token is applied once', async () => {
    const { client, settled, capacity } = openTable();
    const command = transaction('1', putOf('a'), putOf('b'));

    await settled([client.send(command)]);
    const before = capacity.total.writeUnits;
    const [again] = await settled([client.send(command)]);

    expect(again?.status).toBe('fulfilled');
    expect(capacity.total.writeUnits).toBe(before);
  });

  it('writes of one key beyond its units are throttled, and the SDK repeats them later', async () => {
    const { client, settled, capacity, time } = openTable({ writeUnitsPerKey: 10 });
    const begin = time.exact();
    let last = begin;

    const results = await settled(
      Array.from({ length: 20 }, async (_, i) => {
        await client.send(
          new PutItemCommand({ TableName, Item: { ...item('a'), sk: { S: `${i}` } } }),
        );
        last = time.exact();
      }),
    );

    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(10);
    expect(capacity.total.throttled).toBeGreaterThan(0);
    expect(last - begin).toBeGreaterThan(100);
  });

  it('an index whose partition has no units left refuses writes of the table', async () => {
    const { client, settled } = openTable({ writeUnitsPerKey: 5 });
    const due = (n: number) => item(`p${n}`, { due: { S: 'DUE#0' }, dueAt: { N: `${n}` } });

    const results = await settled(
      Array.from({ length: 50 }, (_, n) =>
        client.send(new PutItemCommand({ TableName, Item: due(n) })),
      ),
    );

    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  });

  it('the throughput of an on-demand table doubles half an hour after a peak', async () => {
    const limits = { firstWriteUnits: 10, doublingMs: 1_000, writeUnitsPerKey: 1_000 };
    const { client, settled, time, capacity } = openTable(limits);
    const burst = (name: string) =>
      Array.from({ length: 40 }, (_, n) =>
        client.send(new PutItemCommand({ TableName, Item: item(`${name}${n}`) })),
      );

    await settled(burst('first'));
    const throttledAtFirst = capacity.total.throttled;
    await time.runUntil(time.exact() + 2_000);
    await settled(burst('second'));

    expect(throttledAtFirst).toBeGreaterThan(0);
    expect(capacity.total.throttled - throttledAtFirst).toBeLessThan(throttledAtFirst);
  });

  it('a transaction is charged twice the kilobytes of each item, and a unit for each index entry', async () => {
    const { client, settled, capacity } = openTable();
    const text = { S: 'x'.repeat(3_000) };
    const listed = item('a', { text, gsi1pk: { S: 'L' }, gsi1sk: { S: '1' } });
    const due = item('b', { due: { S: 'DUE#0' }, dueAt: { N: '5' } });

    await settled([
      client.send(
        transaction(
          '1',
          { Put: { TableName, Item: listed } },
          { Put: { TableName, Item: due } },
          checkOf('c'),
        ),
      ),
    ]);

    // 2 x 3 and 3 for the listing; 2 and 1 for the due index; 2 for the check.
    expect(capacity.total.writeUnits).toBe(6 + 3 + 2 + 1 + 2);
  });
});
