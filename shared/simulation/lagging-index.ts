import { evaluate } from '../adapters/sqlite/condition.ts';
import { type Entity, hasEntity } from '../domain/memory/entities.ts';
import type { Partition } from '../domain/memory/filter.ts';
import { matcherOf } from '../domain/memory/filter-matcher.ts';
import { cosine } from '../domain/memory/vector.ts';
import type { IndexEntry, IndexHit, IndexQuery, VectorIndex } from '../ports/vector-index.ts';
import { type Faults, unavailable } from './faults.ts';
import type { MemoryTable } from './memory-table.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** Longest replication lag. Shorter than the time for which readers also read recent items from the table. */
const longestLagMs = 50_000;
export const replicas = 2;

interface Change {
  entry: IndexEntry | undefined;
  /** Time in ms at which each replica shows the write. */
  visibleAt: number[];
}

export interface LaggingIndex {
  /** Client of one process. */
  forActor(actor: Actor): VectorIndex;
  /** Entries after all replication lag. */
  entries(): IndexEntry[];
  /** Answers at once, from one of the replicas, without taking part in the schedule. */
  peek(query: IndexQuery, replica: number): IndexHit[];
}

const isIn = (partition: Partition, entry: IndexEntry): boolean =>
  partition === 'project' || hasEntity(entry.target, partition satisfies Entity);

/**
 * Eventually consistent vector index: every write becomes visible on each replica after a random lag, in any order. Without a lag the
 * index is in the database of the store.
 */
export const createLaggingIndex = (parts: {
  scheduler: Scheduler;
  faults: Faults;
  random: Random;
  table: MemoryTable;
  lag: number;
}): LaggingIndex => {
  const { scheduler, faults, random, table, lag } = parts;
  const isInStore = lag === 0;
  const isCurrent = ({ source }: IndexEntry): boolean =>
    !isInStore || !source || evaluate(source.when.test, table.get(source.key));
  const changes = new Map<string, Change[]>();

  const lagMs = (): number => {
    if (!faults.isPermitted('indexLag') || !random.chance(lag)) return 0;
    faults.note('indexLag');
    return random.below(longestLagMs);
  };

  const write = (id: string, entry: IndexEntry | undefined): void => {
    const at = scheduler.now();
    const visibleAt = Array.from({ length: replicas }, () => at + lagMs());
    const list = changes.get(id) ?? [];
    list.push({ entry, visibleAt });
    changes.set(id, list);
  };

  /** Newest write that the replica shows. */
  const visibleEntry = (list: readonly Change[], replica: number): IndexEntry | undefined =>
    list.findLast(({ visibleAt }) => (visibleAt[replica] ?? 0) <= scheduler.now())?.entry;

  const answer = ({ partitions, dense, filter }: IndexQuery, replica: number): IndexHit[] => {
    const matches = (entry: IndexEntry): boolean =>
      partitions.some((partition) => isIn(partition, entry)) &&
      (!filter || matcherOf(filter)(entry.target));
    const shown = [...changes.values()].flatMap((list) => visibleEntry(list, replica) ?? []);
    return shown.filter(matches).map(({ id, dense: own, target: { entities, extraEntities } }) => ({
      id,
      entities,
      ...(extraEntities ? { extraEntities } : {}),
      ...(dense && own ? { semantic: cosine(dense.vector, own.vector) } : {}),
    }));
  };

  const idsOf = (entries: readonly { id: string }[]): string =>
    entries.map(({ id }) => id.slice(5, 18) + id.slice(id.lastIndexOf('#'))).join(', ');

  return {
    forActor(actor) {
      const call = <T>(label: () => string, effect: () => T): Promise<T> =>
        scheduler.call(actor, label, () => {
          if (faults.happens('indexUnavailable')) throw unavailable('index');
          return effect();
        });
      return {
        isInStore,
        upsert: (_, entries) =>
          call(
            () => `index upsert ${idsOf(entries)}`,
            () => {
              for (const entry of entries) if (isCurrent(entry)) write(entry.id, entry);
            },
          ),
        remove: (_, entries) =>
          call(
            () => `index remove ${idsOf(entries)}`,
            () => {
              for (const { id } of entries) if (changes.has(id)) write(id, undefined);
            },
          ),
        query: (query) =>
          call(
            () => 'index query',
            () => ({ hits: answer(query, random.below(replicas)) }),
          ),
        areVisible: (_, entries) =>
          call(
            () => `index holds ${idsOf(entries)}?`,
            () => {
              const replica = random.below(replicas);
              return entries.map(
                ({ id }) => visibleEntry(changes.get(id) ?? [], replica) !== undefined,
              );
            },
          ),
      };
    },
    entries: () => [...changes.values()].flatMap((list) => list.at(-1)?.entry ?? []),
    peek: answer,
  };
};
