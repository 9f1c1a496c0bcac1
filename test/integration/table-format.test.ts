import { describe, expect, it } from 'vitest';
import { createCheckedStore } from '../../shared/core/projects/checked-store.ts';
import { put } from '../../shared/core/steps.ts';
import { settingKey } from '../../shared/domain/table/keys.ts';
import { openCoreFixture } from '../support/core-fixture.ts';

const format = settingKey('format');
const started = settingKey('default-project');
const other = settingKey('other');

describe('the format of a table', () => {
  it('a new table gets the format with the first call of any process', async () => {
    const { store } = openCoreFixture();

    await Promise.all([createCheckedStore(store).get(other), createCheckedStore(store).get(other)]);

    expect(await store.get(format)).toMatchObject({ value: '4' });
  });

  it('a table of this format is read with one more read for each process', async () => {
    const { store } = openCoreFixture();
    await createCheckedStore(store).get(other);
    let reads = 0;
    const counted = {
      ...store,
      getMany: (keys: Parameters<typeof store.getMany>[0]) => {
        reads += 1;
        return store.getMany(keys);
      },
    };
    const checked = createCheckedStore(counted as typeof store);

    await checked.get(other);
    await checked.transact([put(other, { value: 'x' })]);

    expect(reads).toBe(1);
    expect(await checked.get(other)).toMatchObject({ value: 'x' });
  });

  it.each([
    ['has no format, but was used', started, 'p', 'data_older'],
    ['is of a newer format', format, '5', 'data_newer'],
  ])('nothing is read or written in a table that %s', async (_, key, value, code) => {
    const { store } = openCoreFixture();
    await store.transact([put(key, { value })]);
    const checked = createCheckedStore(store);

    await expect(checked.get(other)).rejects.toMatchObject({ name: 'TerminalError', code });
    await expect(checked.transact([put(other, { value: 'x' })])).rejects.toMatchObject({ code });

    expect(await store.get(other)).toBeUndefined();
  });

  it('a check that could not be made is made again by the next call', async () => {
    const { store } = openCoreFixture();
    let isDown = true;
    const checked = createCheckedStore({
      ...store,
      getMany: async (keys) => {
        if (isDown) throw new Error('down');
        return store.getMany(keys);
      },
    });

    await expect(checked.get(other)).rejects.toThrow('down');
    isDown = false;

    expect(await checked.get(other)).toBeUndefined();
  });
});
