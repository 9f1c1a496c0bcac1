import { type Entity, entityKey, type Tagged } from '../../../shared/domain/memory/entities.ts';
import type { IndexEntry, IndexQuery, IndexResult } from '../../../shared/ports/vector-index.ts';

interface StoredEntry {
  entry: IndexEntry;
  visibleAt: number;
}

/** Hits of an owner that a query looks at: the newest. */
const maxHits = 50;
const similarity = 0.3;

const entitiesIn = ({ target: { entities, extraEntities } }: IndexEntry): string[] => [
  ...Object.entries(entities).map(([kind, id]) => `${kind}#${id}`),
  ...(extraEntities ?? []).map((entity: Entity) => entityKey(entity)),
];

/** Entries of a modelled index, by id and by entity; each becomes visible some time after it was written. */
export const createStoredEntries = (now: () => number, lagMs: number) => {
  const entries = new Map<string, StoredEntry>();
  const byEntity = new Map<string, Map<string, StoredEntry>>();
  const isVisible = (found: StoredEntry | undefined): boolean =>
    found !== undefined && found.visibleAt <= now();

  return {
    put(project: string, written: readonly IndexEntry[]): void {
      for (const entry of written) {
        const found = { entry, visibleAt: now() + lagMs };
        entries.set(`${project} ${entry.id}`, found);
        for (const name of entitiesIn(entry)) {
          const own = byEntity.get(`${project} ${name}`) ?? new Map<string, StoredEntry>();
          byEntity.set(`${project} ${name}`, own.set(entry.id, found));
        }
      }
    },
    remove(project: string, removed: readonly (Tagged & { id: string })[]): void {
      for (const { id } of removed) {
        const found = entries.get(`${project} ${id}`);
        entries.delete(`${project} ${id}`);
        for (const name of found ? entitiesIn(found.entry) : [])
          byEntity.get(`${project} ${name}`)?.delete(id);
      }
    },
    find({ project, partitions, classes, limit }: IndexQuery): IndexResult {
      const own = partitions.flatMap((partition) =>
        partition === 'project' ? [] : [byEntity.get(`${project} ${entityKey(partition)}`)],
      );
      const found = new Map(own.flatMap((map) => [...(map ?? [])].slice(-maxHits)));
      const hits = [...found.values()].filter(
        (one) => isVisible(one) && classes.includes(one.entry.class),
      );
      return {
        hits: hits.slice(0, limit).map(({ entry: { id, target } }) => ({
          id,
          entities: target.entities,
          semantic: similarity,
        })),
      };
    },
    isVisible: (project: string, id: string): boolean => isVisible(entries.get(`${project} ${id}`)),
  };
};
