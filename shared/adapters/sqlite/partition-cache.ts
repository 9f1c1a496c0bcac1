import { createVectorPartition, type VectorPartition } from './vector-partition.ts';
import type { StoredEntry } from './vector-rows.ts';

type Change = (partition: VectorPartition) => void;

/** Loads the entries of a partition in batches. An entry written during the load may be included or not. */
export type LoadEntries = (
  project: string,
  name: string,
  set: (entry: StoredEntry) => void,
) => Promise<void>;

export interface PartitionCache {
  /** Returns a partition from memory, or loads it. Every write committed before the promise resolves is included. */
  get(project: string, name: string): Promise<VectorPartition>;
  /**
   * Applies a committed change if the partition is in memory or being loaded. Otherwise its next load includes the
   * change.
   */
  change(project: string, name: string, apply: Change): void;
  /** Entries of a partition that is in memory. */
  size(project: string, name: string): number | undefined;
  drop(project: string, name: string): void;
  clear(): void;
}

interface Loading {
  /** Changes committed since the load began, applied after the load. Each is idempotent. */
  changes: Change[];
  loaded: Promise<VectorPartition>;
}

/** LRU cache of partitions, bounded by bytes. A partition larger than the bound stays until another is read. */
export const createPartitionCache = (load: LoadEntries, maxBytes: number): PartitionCache => {
  const partitions = new Map<string, VectorPartition>();
  const loads = new Map<string, Loading>();
  let bytes = 0;

  const keyOf = (project: string, name: string): string => JSON.stringify([project, name]);

  const evict = (): void => {
    for (const [key, partition] of partitions) {
      if (bytes <= maxBytes || partitions.size === 1) return;
      partitions.delete(key);
      bytes -= partition.bytes;
    }
  };

  const set = (key: string, partition: VectorPartition): void => {
    partitions.set(key, partition);
    bytes += partition.bytes;
    evict();
  };

  const startLoad = (key: string, project: string, name: string): Loading => {
    const partition = createVectorPartition();
    const changes: Change[] = [];
    /**
     * Ends the load. False if the cache was cleared meanwhile: the result may lack another process's writes and is not
     * cached.
     */
    const endLoad = (): boolean => loads.get(key) === loading && loads.delete(key);
    const fill = async (): Promise<VectorPartition> => {
      try {
        await load(project, name, partition.put);
      } catch (error) {
        endLoad();
        throw error;
      }
      for (const apply of changes) apply(partition);
      if (endLoad()) set(key, partition);
      return partition;
    };
    const loading: Loading = { changes, loaded: fill() };
    loads.set(key, loading);
    return loading;
  };

  return {
    async get(project, name) {
      const key = keyOf(project, name);
      const cached = partitions.get(key);
      if (!cached) return (loads.get(key) ?? startLoad(key, project, name)).loaded;
      partitions.delete(key);
      partitions.set(key, cached);
      return cached;
    },
    change(project, name, apply) {
      const key = keyOf(project, name);
      loads.get(key)?.changes.push(apply);
      const partition = partitions.get(key);
      if (!partition) return;
      bytes -= partition.bytes;
      apply(partition);
      bytes += partition.bytes;
      evict();
    },
    size: (project, name) => partitions.get(keyOf(project, name))?.entries.size,
    drop(project, name) {
      const key = keyOf(project, name);
      bytes -= partitions.get(key)?.bytes ?? 0;
      partitions.delete(key);
      loads.delete(key);
    },
    clear() {
      partitions.clear();
      loads.clear();
      bytes = 0;
    },
  };
};
