import { digestOf } from '../../domain/digest.ts';
import type { Filter, Partition } from '../../domain/memory/filter.ts';
import type { MemoryView } from '../../domain/memory/memory.ts';
import type { Platform, ProcessCaches } from '../../ports/platform.ts';
import type { StoreChange } from '../../ports/store.ts';
import { createPace } from '../yield-to-loop.ts';
import { hydrateListed, type VisibleItems } from './hydrate.ts';
import { createListedIds, type ListedIds, type Position } from './listed-ids.ts';
import { listingPksOf } from './listings.ts';
import { type RecentWrites, readPointers, readPointerTargets } from './recent.ts';

/** Parts of a request that decide on the memories of a list. */
export interface ListShape {
  partitions: readonly Partition[];
  filter: Filter;
  validity: 'now' | 'ever';
  showExpired: boolean;
}

export interface ListPage {
  total: number;
  memories: MemoryView[];
}

/** Parts of a list that the caller does. */
export interface ListWork {
  /** Reads the ids of all memories that the partitions list. */
  readIds(): Promise<string[]>;
  /** Views of visible items that match the filter. */
  viewsOf(visible: Pick<VisibleItems, 'memories' | 'rough'>): Promise<MemoryView[]>;
}

interface CachedList {
  project: string;
  ids: ListedIds;
  /** Memories that changed since they were read. */
  changed: Set<string>;
  pks: readonly string[];
  withClosed: boolean;
  /** Whether every change since the list was made is known. */
  isCurrent: boolean;
  /** End of the last read: the reads of a list take turns, so that an older one never overwrites a newer one. */
  read: Promise<unknown>;
}

/** Bounds of the lists of a process: ids take about 150 bytes each. One list is kept whatever its size. */
const maxIds = 50_000;
const maxLists = 100;
/** Memories read at once, besides a page. */
const idsPerRead = 200;
/** Memories whose positions are merged at once: each merge passes over the whole list, and sorting more would take long. */
const idsPerMerge = 5_000;
/** Times that a page is read again because its memories changed meanwhile. */
const maxReads = 10;

export interface ListCache {
  /**
   * Returns a page of a list, newest first, strongly consistent. Reads the recent writes, the memories that changed since the
   * last page of the same list, and those of the page. Undefined when changes of another process made the list outdated meanwhile.
   */
  page(
    platform: Platform,
    project: string,
    shape: ListShape,
    part: { skip: number; limit: number },
    work: ListWork,
  ): Promise<ListPage | undefined>;
}

const nothingRecent: RecentWrites = {
  turns: [],
  memories: [],
  cutoffs: { cutoffs: [], revisions: [], expiring: [] },
};

const positionsOf = (views: readonly MemoryView[]): [string, Position][] =>
  views.map(({ id, createdAt }) => [id, { id, createdAt }]);

const createListCache = (): ListCache & { onChange(change: StoreChange | undefined): void } => {
  const lists = new Map<string, CachedList>();
  const byPk = new Map<string, Set<CachedList>>();

  const drop = (name: string, list: CachedList): void => {
    list.isCurrent = false;
    if (lists.get(name) === list) lists.delete(name);
    for (const pk of list.pks) {
      const others = byPk.get(pk);
      others?.delete(list);
      if (others?.size === 0) byPk.delete(pk);
    }
  };

  const evict = (): void => {
    let ids = 0;
    for (const list of lists.values()) ids += list.ids.knownSize();
    for (const [name, list] of lists) {
      if ((ids <= maxIds && lists.size <= maxLists) || lists.size === 1) return;
      ids -= list.ids.knownSize();
      drop(name, list);
    }
  };

  /** Marks a memory as changed and makes it known, so that a change is noticed even while the memory is read. */
  const change = (list: CachedList, id: string): void => {
    list.ids.add(id);
    list.changed.add(id);
  };

  /** Finds a list, or makes one of which every memory is still to be read. */
  const findList = (
    platform: Platform,
    name: string,
    project: string,
    { partitions, validity }: ListShape,
    work: ListWork,
  ): CachedList => {
    const cached = lists.get(name);
    if (cached) {
      lists.delete(name);
      lists.set(name, cached);
      return cached;
    }
    const list: CachedList = {
      project,
      ids: createListedIds(),
      changed: new Set(),
      pks: listingPksOf(project, partitions),
      withClosed: validity === 'ever',
      isCurrent: true,
      read: Promise.resolve(),
    };
    lists.set(name, list);
    for (const pk of list.pks) byPk.set(pk, (byPk.get(pk) ?? new Set()).add(list));
    const readAll = async (): Promise<void> => {
      const ids = await work.readIds();
      const pace = createPace(platform);
      for (const id of ids) {
        if (pace.isDue()) await pace.rest();
        change(list, id);
      }
    };
    list.read = readAll();
    list.read.catch(() => drop(name, list));
    return list;
  };

  const serialized = <T>(list: CachedList, act: () => Promise<T>): Promise<T> => {
    const result = list.read.then(act);
    // A failed read leaves what it was to read among the changed.
    list.read = result.catch(() => {});
    return result;
  };

  /** Takes changed memories; they count as changed again if reading them fails. */
  const takeChanged = async <T>(
    { changed }: CachedList,
    count: number,
    read: (ids: string[]) => Promise<T>,
  ): Promise<T> => {
    const taken: string[] = [];
    for (const id of changed) {
      if (taken.length === count) break;
      taken.push(id);
    }
    for (const id of taken) changed.delete(id);
    try {
      return await read(taken);
    } catch (error) {
      for (const id of taken) changed.add(id);
      throw error;
    }
  };

  const onListed = ({ pk, sk }: StoreChange): void => {
    const isClosed = sk.startsWith('CLOSED#');
    if (!isClosed && !sk.startsWith('MEM#')) return;
    const id = sk.slice(sk.indexOf('#') + 1);
    for (const list of byPk.get(pk) ?? []) if (!isClosed || list.withClosed) change(list, id);
  };

  const onMemory = ({ pk, sk }: StoreChange): void => {
    if (sk !== 'MEMORY') return;
    const id = pk.slice(pk.lastIndexOf('#') + 1);
    for (const list of lists.values()) if (list.ids.isKnown(id)) list.changed.add(id);
  };

  /** A delete-all may hide any memory of the project. */
  const onEntity = ({ pk, read }: StoreChange): void => {
    const item = read();
    if (!item || !('cutoffs' in item) || item.cutoffs.length === 0) return;
    for (const [name, list] of lists) if (pk === `P#${list.project}#ENT`) drop(name, list);
  };

  return {
    onChange(change) {
      if (!change) for (const [name, list] of lists) drop(name, list);
      else if (change.pk.startsWith('X#')) onListed(change);
      else if (change.pk.startsWith('M#')) onMemory(change);
      else if (change.pk.startsWith('P#') && change.pk.endsWith('#ENT')) onEntity(change);
    },

    async page(platform, project, shape, { skip, limit }, work) {
      const { partitions, filter, validity, showExpired } = shape;
      const now = platform.clock.now();
      const pointers = await readPointers(platform, project, partitions, Number.POSITIVE_INFINITY);
      const recent = await readPointerTargets(platform, project, pointers);
      // Expiration dates are days.
      const day = new Date(now).toISOString().slice(0, 10);
      // A digest, since filters may be large.
      const name = digestOf(JSON.stringify([project, filter, validity, showExpired, day]));
      const list = findList(platform, name, project, shape, work);
      const { ids, changed } = list;
      const read = (memories: readonly string[], besides = nothingRecent) =>
        hydrateListed(platform, project, besides, { memories, showExpired, now, validity });

      /** Reads many changed memories in parts, as after a start. */
      const catchUp = async (): Promise<void> => {
        const pace = createPace(platform);
        let found = new Map<string, Position | undefined>();
        const apply = (): void => {
          ids.apply(found);
          found = new Map();
        };
        try {
          while (changed.size > idsPerRead) {
            await takeChanged(list, idsPerRead, async (taken) => {
              const { memories } = await read(taken);
              const views = await work.viewsOf({ memories, rough: [] });
              for (const id of taken) found.set(id, undefined);
              for (const [id, position] of positionsOf(views)) found.set(id, position);
            });
            if (found.size >= idsPerMerge) apply();
            await pace.pause();
          }
        } finally {
          apply();
        }
      };

      const readPage = async (): Promise<ListPage> => {
        let further: MemoryView[] = [];
        for (let reads = 1; ; reads++) {
          const wanted = ids.page(further, skip, limit);
          const asked = await takeChanged(list, idsPerRead, async (taken) => {
            const all = new Set([...taken, ...wanted.filter(ids.isShown)]);
            const visible = await read([...all], recent);
            const views = await work.viewsOf(visible);
            const refined = positionsOf(views.filter(({ rough }) => !rough));
            const positions = new Map<string, Position | undefined>(refined);
            for (const id of all) if (!positions.has(id)) positions.set(id, undefined);
            const isListed = ([id]: [string, unknown]) => all.has(id) || ids.isKnown(id);
            ids.apply(new Map([...positions].filter(isListed)));
            return new Map(views.map((view) => [view.id, view]));
          });
          further = [...asked.values()].filter(({ id }) => !ids.isShown(id));
          const page = ids.page(further, skip, limit);
          const memories = page.flatMap((id) => asked.get(id) ?? []);
          if (memories.length === page.length || reads === maxReads)
            return { total: ids.size() + further.length, memories };
        }
      };

      const page = await serialized(list, async () => {
        await catchUp();
        return list.isCurrent ? readPage() : undefined;
      });
      evict();
      return list.isCurrent ? page : undefined;
    },
  };
};

const caches = new WeakMap<ProcessCaches, ListCache>();

/** Returns the lists that this process keeps; undefined if its store does not report changes. */
export const listCacheOf = ({ store, caches: own }: Platform): ListCache | undefined => {
  if (!store.watch) return undefined;
  const existing = caches.get(own);
  if (existing) return existing;
  const cache = createListCache();
  store.watch(cache.onChange);
  caches.set(own, cache);
  return cache;
};
