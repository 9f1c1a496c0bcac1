import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import type { Condition, Step } from '../ports/store.ts';

const given = (when: Condition | undefined) => (when ? { when } : {});

export const put = <K extends ItemKind>(key: Key<K>, item: Item<K>, when?: Condition): Step => ({
  op: 'put',
  key,
  item,
  ...given(when),
});

/** Sets the given fields and removes those named; creates the item when there is none. */
export const update = <K extends ItemKind>(
  key: Key<K>,
  set: Partial<Item<K>>,
  when?: Condition,
  remove: readonly (keyof Item<K> & string)[] = [],
): Step => ({ op: 'update', key, set, remove, ...given(when) });

export const erase = (key: Key, when?: Condition): Step => ({ op: 'delete', key, ...given(when) });

export const check = (key: Key, when: Condition): Step => ({ op: 'check', key, when });
