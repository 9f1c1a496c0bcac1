import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { changesKey, memoryKey, settingKey, turnKey } from '../../shared/domain/table/keys.ts';
import type { Step, Store } from '../../shared/ports/store.ts';
import {
  absent,
  given,
  memory,
  named,
  newProject,
  pending,
  put,
  transact,
} from '../contract/store-harness.ts';
import { openTable } from '../support/dynamodb-table.ts';

let store: Store;
beforeAll(async () => {
  store = createDynamoDbStore({
    ...(await openTable()),
    clock: systemClock,
    ids: createIds(systemClock),
  });
});
afterAll(() => store.close());

const kilobytes = (count: number): string => 'x'.repeat(count * 1024);

describe('the limits of the table', () => {
  it('an item above 400 KB is a terminal error, alone and in a transaction', async () => {
    const project = newProject();
    const key = memoryKey(project, 'm');
    const large = put(key, memory(project, { text: kilobytes(400) }));
    const other = pending(project, 't');

    const alone = store.transact([large]);
    const together = store.transact([large, put(other.key, other.item)]);

    for (const outcome of [alone, together])
      await expect(outcome).rejects.toMatchObject({
        name: 'TerminalError',
        code: 'item_too_large',
        message: expect.stringContaining('MEMORY'),
      });
    expect(await store.getMany([key, memoryKey(project, 't')])).toEqual([undefined, undefined]);
  });

  it('an item of nearly 400 KB is stored', async () => {
    const project = newProject();
    const item = memory(project, { text: kilobytes(398), metadata: { '\n': '"\\\n' } });

    await given(store, put(memoryKey(project, 'm'), item));

    expect(await store.get(memoryKey(project, 'm'))).toEqual(item);
  });

  it('an update that enlarges an item above 400 KB is a terminal error and changes nothing', async () => {
    const project = newProject();
    const key = memoryKey(project, 'm');
    const item = memory(project, { text: kilobytes(250) });
    const other = pending(project, 't');
    const grow: Step = {
      op: 'update',
      key,
      set: { metadata: { note: kilobytes(250) } },
      remove: [],
    };
    await given(store, put(key, item));

    const alone = store.transact([grow]);
    await expect(alone).rejects.toMatchObject({ name: 'TerminalError', code: 'item_too_large' });
    const together = store.transact([put(other.key, other.item), grow]);
    await expect(together).rejects.toMatchObject({ name: 'TerminalError', code: 'item_too_large' });

    expect(await store.getMany([key])).toEqual([item]);
    expect(await store.get(other.key)).toBeUndefined();
  });

  it('a transaction above 4 MB is a terminal error, and one below is written', async () => {
    const project = newProject();
    const puts = Array.from({ length: 11 }, (_, i) =>
      put(memoryKey(project, `m${i}`), memory(project, { text: kilobytes(390) })),
    );

    const outcome = store.transact(puts);

    await expect(outcome).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'transaction_too_large',
    });
    expect(await store.get(memoryKey(project, 'm0'))).toBeUndefined();
    expect(await transact(store, puts.slice(0, 10))).toEqual({ committed: true });
  });

  it('a batch read returns more than one response can hold', async () => {
    const project = newProject();
    const keys = Array.from({ length: 45 }, (_, i) => memoryKey(project, `m${i}`));
    const steps = keys.map((key) => put(key, memory(project, { text: kilobytes(380) })));
    for (let i = 0; i < steps.length; i += 10) await given(store, ...steps.slice(i, i + 10));

    const found = store.getMany(keys);

    await expect(found.then((items) => items.map((item) => item?.text.length))).resolves.toEqual(
      keys.map(() => 380 * 1024),
    );
  });

  it('a transaction of a hundred steps of every kind is either refused or applied as a whole', async () => {
    const project = newProject();
    const turns = Array.from({ length: 100 }, (_, i) => pending(project, `t${i}`));
    const present = turns.filter((_, i) => i % 4 !== 0).map(({ key, item }) => put(key, item));
    await given(store, ...present);
    const steps = (expected: number): Step[] =>
      turns.map(({ key, item }, i) => {
        const when = named({ attribute: 'failures', equals: i === 99 ? expected : 0 });
        const kinds: [Step, Step, Step, Step] = [
          put(key, item, absent),
          { op: 'update', key, set: { failures: 7 }, remove: ['turn'], when },
          { op: 'delete', key, when },
          { op: 'check', key, when },
        ];
        return kinds[i % 4] ?? kinds[0];
      });

    const refused = await transact(store, steps(1));
    const before = await store.getMany(turns.map(({ key }) => key));
    const written = await transact(store, steps(0));
    const after = await store.getMany(turns.map(({ key }) => key));

    expect(refused).toMatchObject({ committed: false, refusals: [{ step: 99 }] });
    expect(before.filter((item) => item === undefined)).toHaveLength(25);
    expect(written).toEqual({ committed: true });
    expect(after.map((item) => item?.failures)).toEqual(
      turns.map((_, i) => [0, 7, undefined, 0][i % 4]),
    );
  });
});

describe('values that DynamoDB cannot store natively', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 'deep' : { a: deep(levels - 1) });
  const cases: [string, unknown][] = [
    ['40 levels', deep(40)],
    ['numbers of any size', [1e300, 5e-324, 2 ** 53 + 2, 0.1 + 0.2]],
    ['empty names and texts', { '': '', a: { '': [''] } }],
    ['names that objects know', JSON.parse('{"__proto__": 1, "constructor": {"toString": 2}}')],
    ['halves of characters', '\ud800 and \udc00'],
    ['nothing', null],
  ];

  it.each(cases)('metadata with %s is read back unchanged', async (_, value) => {
    const project = newProject();
    const key = changesKey(project, 'e');
    const steps = [
      put(key, { changes: [{ type: 'NONE', reason: JSON.stringify(value) }] }),
      put(memoryKey(project, 'm'), memory(project, { metadata: { value: value as string } })),
    ];

    await given(store, ...steps);
    const found = await store.get(memoryKey(project, 'm'));

    expect(found?.metadata['value']).toEqual(value);
    expect(JSON.stringify(found?.metadata['value'])).toBe(JSON.stringify(value));
  });

  it('a lone surrogate in a text is stored as a replacement character', async () => {
    const key = settingKey(newProject());

    await given(store, put(key, { value: 'a\ud800b' }));

    expect(await store.get(key)).toEqual({ value: 'a\ufffdb' });
  });

  it('undefined fields are not stored', async () => {
    const project = newProject();
    const key = turnKey(project, 't');
    const fields = { state: 'pending', plan: undefined };

    await given(store, { op: 'update', key, set: fields, remove: ['state', 'state', 'plan'] });
    await given(store, { op: 'update', key, set: fields, remove: [] });

    expect(await store.get(key)).toEqual({ state: 'pending' });
  });
});
