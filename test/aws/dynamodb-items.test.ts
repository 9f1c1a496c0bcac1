import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { entityKey } from '../../shared/domain/memory/entities.ts';
import type { Key } from '../../shared/domain/table/items.ts';
import {
  entityRecordKey,
  listingKeys,
  memoryKey,
  orderingTailKey,
  pendingKey,
} from '../../shared/domain/table/keys.ts';
import type { Predicate, Step, Store } from '../../shared/ports/store.ts';
import {
  absent,
  given,
  memory,
  named,
  newProject,
  pending,
  put,
} from '../contract/store-harness.ts';
import { interfere } from '../support/dynamodb-faults.ts';
import { localClient, openTable } from '../support/dynamodb-table.ts';
import { createManualClock } from '../support/manual-clock.ts';

const clock = createManualClock();
let client: DynamoDBClient;
let table: string;
let store: Store;
beforeAll(async () => {
  ({ client, table } = await openTable());
  store = createDynamoDbStore({ client, table, clock, ids: createIds(clock) });
});
afterAll(() => store.close());

const stored = async ({ pk, sk }: Key) => {
  const request = new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } });
  return (await client.send(request)).Item;
};

const namesOf = async (key: Key): Promise<string[]> =>
  Object.keys((await stored(key)) ?? {}).sort();

describe('the items in DynamoDB', () => {
  it('an item has its index attributes under the names of the indexes and the time to live', async () => {
    const marks = { dueAt: 5, expiresAt: 1_790_000_000_001, listPk: 'L', listSk: 'l' };
    const { key, item } = pending(newProject(), 't', marks);

    await given(store, put(key, item));

    expect(await stored(key)).toMatchObject({
      expiresAt: { N: '1790000001' },
      expiresAtMs: { N: '1790000000001' },
      gsi1pk: { S: 'L' },
      gsi1sk: { S: 'l' },
      due: { S: expect.stringMatching(/^DUE#([0-9]|[1-5][0-9]|6[0-3])$/) },
      dueAt: { N: '5' },
      failures: { N: '0' },
    });
    expect(await store.get(key)).toEqual(item);
  });

  it('removing the index attributes of an item removes it from the indexes and from the time to live', async () => {
    const marks = { dueAt: 5, expiresAt: clock.now() + 60_000, listPk: 'L', listSk: 'l' };
    const { key, item } = pending(newProject(), 't', marks);
    const { key: bare, item: plain } = pending(newProject(), 't');
    await given(store, put(key, item), put(bare, plain));

    await given(store, { op: 'update', key, set: {}, remove: Object.keys(marks) });

    expect(await namesOf(key)).toEqual(await namesOf(bare));
  });

  it('a due memory has a partition of upkeep, and one of a former version is found among work', async () => {
    const project = newProject();
    const key = memoryKey(project, 'm');
    await given(store, put(key, memory(project, { dueAt: 5 })));
    const partition = (await stored(key))?.['due']?.S;
    const query = { until: 5, limit: 1_000 };
    const before = await store.due({ ...query, class: 'upkeep' });
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: key.pk }, sk: { S: key.sk } },
        UpdateExpression: 'SET #due = :due',
        ExpressionAttributeNames: { '#due': 'due' },
        ExpressionAttributeValues: { ':due': { S: 'DUE#7' } },
      }),
    );

    const after = await store.due({ ...query, class: 'work' });

    expect(partition).toMatch(/^DUE#upkeep#\d+$/);
    expect(before).toContainEqual({ key, dueAt: 5 });
    expect(after).toContainEqual({ key, dueAt: 5 });
  });

  it('due items are spread over the shards of the due index', async () => {
    const turns = Array.from({ length: 40 }, () => pending(newProject(), 't', { dueAt: 1 }));
    await given(store, ...turns.map(({ key, item }) => put(key, item)));

    const shards = await Promise.all(turns.map(async ({ key }) => (await stored(key))?.['due']?.S));
    const due = await store.due({ class: 'work', until: 1, limit: 1_000 });

    expect(new Set(shards).size).toBeGreaterThan(4);
    expect(due.filter(({ dueAt }) => dueAt === 1).length).toBeGreaterThanOrEqual(40);
  });
});

describe('the conditions of DynamoDB', () => {
  const sent: Predicate = { attribute: 'failures', equals: 0 };
  const cases: [Predicate, boolean, boolean][] = [
    [{ any: [] }, false, false],
    [{ all: [] }, true, true],
    [{ attribute: 'failures', in: [] }, false, false],
    [{ any: [{ all: [{ any: [sent] }] }] }, true, false],
    [{ all: [{ any: [sent, { is: 'absent' }] }, { all: [{ any: [] }, sent] }] }, false, false],
    [{ any: [{ all: [] }, sent] }, true, true],
  ];

  it.each(cases)(
    'the condition %j of few or no parts is evaluated correctly',
    async (test, ofPresent, ofAbsent) => {
      const project = newProject();
      const { key, item } = pending(project, 't');
      const none = pending(project, 'none');
      await given(store, put(key, item));

      const outcomes = await Promise.all([
        store.transact([{ op: 'check', key, when: named(test) }]),
        store.transact([{ op: 'delete', key: none.key, when: named(test) }]),
        store.transact([
          { op: 'update', key, set: { failures: 0 }, remove: [], when: named(test) },
        ]),
      ]);

      const [checked, deleted, updated] = outcomes.map(({ committed }) => committed);
      expect([checked, deleted, updated]).toEqual([ofPresent, ofAbsent, ofPresent]);
    },
  );
});

describe('the longest entity id', () => {
  it.each(['京', '😀', '#', '%', 'a b'])(
    'the longest entity id of the character %j fits in every key',
    async (character) => {
      const project = newProject();
      const user = character.repeat(256).slice(0, 256);
      const entity = { kind: 'user', id: user } as const;
      const record = { ...entity, createdAt: 1, revision: 0, cutoffs: [] };
      const scope = entityKey(entity);
      const turn = { turn: 't', event: 'e', project, scope, failures: 0 };
      const listing = listingKeys(project, { entities: { user } }, 'm');

      const outcome = await store.transact([
        put(entityRecordKey(project, entity), record),
        put(pendingKey(project, scope, 't'), turn),
        put(orderingTailKey(project, 'w', scope), { last: 'd', number: 1 }),
        ...listing.map((key) => put(key, { memory: 'm' })),
      ]);

      expect(outcome).toEqual({ committed: true });
      expect(await store.get(entityRecordKey(project, entity))).toEqual(record);
    },
  );
});

describe('an update of an expired item', () => {
  const expired = async () => {
    const project = newProject();
    const marks = { expiresAt: clock.now(), dueAt: 5, listPk: 'L', listSk: 'l' };
    const old = pending(project, 'old', marks);
    const other = pending(project, 'other');
    await given(store, put(old.key, old.item));
    return { old, other };
  };
  const update = (key: Key, when?: ReturnType<typeof named>): Step => ({
    op: 'update',
    key,
    set: { failures: 3 },
    remove: ['event'],
    ...(when && { when }),
  });

  it('an update of an expired item in a transaction replaces the item', async () => {
    const { old, other } = await expired();

    const outcome = await store.transact([
      put(other.key, other.item, absent),
      update(old.key, named({ attribute: 'token', is: 'missing' })),
    ]);

    expect(outcome).toEqual({ committed: true });
    expect(await store.getMany([old.key, other.key])).toEqual([{ failures: 3 }, other.item]);
    expect(await namesOf(old.key)).toEqual(['failures', 'pk', 'sk']);
  });

  it('an update of an expired item is refused if its condition needs a present item', async () => {
    const { old, other } = await expired();
    const when = named({ attribute: 'failures', equals: 0 });

    const outcome = await store.transact([put(other.key, other.item), update(old.key, when)]);

    const refusals = [{ step: 1, condition: 'the condition', current: undefined }];
    expect(outcome).toEqual({ committed: false, refusals });
    expect(await store.get(other.key)).toBeUndefined();
  });

  it('a transaction that updates an expired item reports all refused steps and writes nothing', async () => {
    const { old, other } = await expired();
    await given(store, put(other.key, other.item));

    const outcome = await store.transact([update(old.key), put(other.key, other.item, absent)]);

    const refusals = [{ step: 1, condition: 'the condition', current: other.item }];
    expect(outcome).toEqual({ committed: false, refusals });
    expect(await store.get(old.key)).toBeUndefined();
  });

  it('an update of an expired item changes an item written meanwhile instead of replacing it', async () => {
    const { old } = await expired();
    const other = localClient();
    const racing = createDynamoDbStore({ client: other, table, clock, ids: createIds(clock) });
    const theirs = { ...old.item, turn: 'theirs', expiresAt: clock.now() + 9 };
    const requests = interfere(other, async ({ at }, send) => {
      if (at === 2) await given(store, put(old.key, theirs));
      return await send();
    });

    const outcome = await racing.transact([update(old.key)]);

    const { event, ...kept } = theirs;
    expect(outcome).toEqual({ committed: true });
    expect(await store.get(old.key)).toEqual({ ...kept, failures: 3 });
    expect(requests.map(({ name }) => name)).toEqual([
      'UpdateItemCommand',
      'PutItemCommand',
      'UpdateItemCommand',
    ]);
  });
});
