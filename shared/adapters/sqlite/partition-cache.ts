import { createVectorPartition, type VectorPartition } from './vector-partition.ts';
import type { StoredEntry } from './vector-rows.ts';

type Change = (partition: VectorPartition) => void;

/** Hands over the entries of a partition bit by bit: what is written meanwhile may be among them, or not. */
export type LoadEntries = (
  project: string,
  name: string,
  set: (entry: StoredEntry) => void,
) => Promise<void>;

export interface PartitionCache {
  /** From memory, else from the file: as it stands at the end of the call. */
  get(project: string, name: string): Promise<VectorPartition>;
  /** Changes the partition if it is in memory or being loaded; if not, its next load sees the change anyway. */
  change(project: string, name: string, apply: Change): void;
  clear(): void;
}

interface Loading {
  /** What was written since it began. To apply it twice does no harm. */
  changes: Change[];
  loaded: Promise<VectorPartition>;
}

/** Partitions in memory, the least recently read given up first. One that alone exceeds the bound stays until another is read. */
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

  const begin = (key: string, project: string, name: string): Loading => {
    const partition = createVectorPartition();
    const changes: Change[] = [];
    /** False when the cache was cleared meanwhile: the next one to ask must not find what may lack another's writes. */
    const isEnded = (): boolean => loads.get(key) === loading && loads.delete(key);
    const fill = async (): Promise<VectorPartition> => {
      try {
        await load(project, name, partition.put);
      } catch (error) {
        isEnded();
        throw error;
      }
      for (const apply of changes) apply(partition);
      if (isEnded()) set(key, partition);
      return partition;
    };
    const loading: Loading = { changes, loaded: fill() };
    loads.set(key, loading);
    return loading;
  };

  return {
    async get(project, name) {
      const key = keyOf(project, name);
      const known = partitions.get(key);
      if (!known) return (loads.get(key) ?? begin(key, project, name)).loaded;
      partitions.delete(key);
      partitions.set(key, known);
      return known;
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
    clear() {
      partitions.clear();
      loads.clear();
      bytes = 0;
    },
  };
};
