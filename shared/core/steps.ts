import type { Event } from '../domain/memory/event.ts';
import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import { eventKey, eventListing, outboxKey } from '../domain/table/keys.ts';
import type { Outbox } from '../domain/webhooks/outbox.ts';
import type { Condition, Step } from '../ports/store.ts';

const given = (when: Condition | undefined) => (when ? { when } : {});

export const put = <K extends ItemKind>(key: Key<K>, item: Item<K>, when?: Condition): Step => ({
  op: 'put',
  key,
  item,
  ...given(when),
});

/** Sets the given attributes and removes the named ones. Creates the item when it is absent. */
export const update = <K extends ItemKind>(
  key: Key<K>,
  set: Partial<Item<K>>,
  when?: Condition,
  remove: readonly (keyof Item<K> & string)[] = [],
): Step => ({ op: 'update', key, set, remove, ...given(when) });

/** Deletes the item; an absent one is no error. */
export const remove = (key: Key, when?: Condition): Step => ({ op: 'delete', key, ...given(when) });

export const check = (key: Key, when: Condition): Step => ({ op: 'check', key, when });

/** A pending event, listed under its project and month. */
export const newEvent = (
  event: Pick<
    Event,
    | 'id'
    | 'project'
    | 'kind'
    | 'entities'
    | 'createdAt'
    | 'turn'
    | 'verbatim'
    | 'attachments'
    | 'group'
    | 'copies'
    | 'skipped'
    | 'profiles'
  >,
): Step => {
  const { id, project, createdAt } = event;
  return put(eventKey(project, id), {
    ...event,
    status: 'PENDING',
    stage: 'queued',
    attempts: 0,
    timings: {},
    tokens: { prompt: 0, completion: 0 },
    updatedAt: createdAt,
    ...eventListing(project, id, createdAt),
  });
};

/**
 * An outbox that is due at once (transactional outbox): commit it in the transaction that makes its facts true, so that
 * no fact is published without having happened, or happens without being published.
 */
export const newOutbox = (scope: string, outbox: Outbox): Step =>
  put(outboxKey(outbox.project, scope, outbox.id), { ...outbox, dueAt: outbox.createdAt });
