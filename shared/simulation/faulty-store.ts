import { RetryableError } from '../domain/errors.ts';
import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import type { Page, Range, Step, Store } from '../ports/store.ts';
import { type Faults, unavailable } from './faults.ts';
import type { MemoryTable } from './memory-table.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** Replaces the steps of a transaction in a mutated protocol. With no steps, the transaction is skipped and counts as committed. */
export type Rewrite = (steps: readonly Step[]) => readonly Step[];

const short = (text: string): string =>
  text.replace(
    /[0-9a-f]{8}-[0-9a-f-]{27}/g,
    (id) => `~${id.slice(5, 8)}${id.slice(9, 13)}.${id.slice(15, 18)}`,
  );

const sayStep = ({ op, key, when }: Step): string =>
  `${op} ${short(`${key.pk.slice(0, 1)}:${key.pk.split('#').slice(2).join('#')} ${key.sk}`)}${when ? ` if ${when.name}` : ''}`;

const sayKeys = (keys: readonly Key[]): string =>
  keys.map(({ pk, sk }) => short(`${pk} ${sk}`)).join(', ');

const isAccept = (steps: readonly Step[]): boolean =>
  steps.some(({ key, op }) => key.kind === 'TURN' && op === 'put');

/**
 * Store of one process over the shared table. Every call takes effect when the scheduler runs it. Fault injection:
 * conflicts, commits with a lost response, torn reads of several items, short and empty pages, and an eventually
 * consistent due index.
 */
export const createFaultyStore = (
  parts: { scheduler: Scheduler; table: MemoryTable; faults: Faults; random: Random },
  actor: Actor,
  rewrite: Rewrite,
): Store => {
  const { scheduler, table, faults, random } = parts;

  const read = <T>(label: () => string, effect: () => T): Promise<T> =>
    scheduler.call(actor, label, () => {
      if (faults.happens('unavailable')) throw unavailable('store');
      return effect();
    });

  const readKeys = <K extends ItemKind>(keys: readonly Key<K>[]) =>
    read(
      () => `read ${sayKeys(keys)}`,
      () => keys.map((key) => table.get(key)),
    );

  const cut = <K extends ItemKind>(range: Range<K>): Range<K> => {
    if (!faults.happens('shortPage')) return range;
    return { ...range, limit: Math.min(range.limit ?? 4, 1 + random.below(3)) };
  };

  /** Sometimes an empty page that is not the last, as DynamoDB returns after filtering. */
  const page = <K extends ItemKind>(range: Range<K>): Page<K> => {
    const { after, newestFirst, prefix } = range;
    if (!faults.happens('emptyPage')) return table.query(cut(range));
    return { items: [], next: after ?? (newestFirst ? `${prefix}\uffff` : prefix) };
  };

  const commit = (steps: readonly Step[]) => {
    if (steps.length === 0) return { committed: true } as const;
    if (faults.happens('conflict'))
      throw new RetryableError('transaction_conflict', 'Another transaction was under way.');
    if (faults.happens('unavailable')) throw unavailable('store');
    const outcome = table.transact(steps);
    if (faults.happens('lostResponse')) throw unavailable('store');
    return outcome;
  };

  return {
    get: (key) =>
      read(
        () => `read ${sayKeys([key])}`,
        () => table.get(key),
      ),
    async getMany<K extends ItemKind>(keys: readonly Key<K>[]): Promise<(Item<K> | undefined)[]> {
      if (keys.length < 2 || !faults.happens('tornRead')) return readKeys(keys);
      const at = 1 + random.below(keys.length - 1);
      const parts = await Promise.all([readKeys(keys.slice(0, at)), readKeys(keys.slice(at))]);
      return parts.flat();
    },
    query: <K extends ItemKind>(range: Range<K>): Promise<Page<K>> =>
      read(
        () => short(`query ${range.pk} ${range.prefix}`),
        () => page(range),
      ),
    list: (range) =>
      read(
        () => `list ${range.pk}`,
        () => table.list(range),
      ),
    due: (query) =>
      read(
        () => 'due',
        () => table.due(query).filter(() => !faults.happens('laggingDue')),
      ),
    async transact(asked) {
      const steps = rewrite(asked);
      const label = () => `transact ${steps.map(sayStep).join('; ')}`;
      const outcome = await scheduler.call(actor, label, () => commit(steps));
      if (!isAccept(steps) || !faults.happens('duplicateAccept')) return outcome;
      return scheduler.call(
        actor,
        () => `again: ${label()}`,
        () => commit(steps),
      );
    },
    purge: (until) =>
      scheduler.call(
        actor,
        () => 'purge',
        () => table.purge(until),
      ),
    watch: table.watch,
    check: async () => {},
    close: async () => {},
  };
};
