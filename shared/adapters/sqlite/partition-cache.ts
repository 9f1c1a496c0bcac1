import { createVectorPartition, type VectorPartition } from './vector-partition.ts';
import type { StoredEntry } from './vector-rows.ts';

export interface PartitionCache {
  /** From memory, else from the file. */
  get(project: string, name: string): VectorPartition;
  /** Changes the partition if it is in memory; if not, its next load sees the change anyway. */
  change(project: string, name: string, apply: (partition: VectorPartition) => void): void;
  clear(): void;
}

/** Partitions in memory, the least recently read given up first. One that alone exceeds the bound stays until another is read. */
export const createPartitionCache = (
  load: (project: string, name: string) => StoredEntry[],
  maxBytes: number,
): PartitionCache => {
  const partitions = new Map<string, VectorPartition>();
  let bytes = 0;

  const keyOf = (project: string, name: string): string => JSON.stringify([project, name]);

  const evict = (): void => {
    for (const [key, partition] of partitions) {
      if (bytes <= maxBytes || partitions.size === 1) return;
      partitions.delete(key);
      bytes -= partition.bytes;
    }
  };

  return {
    get(project, name) {
      const key = keyOf(project, name);
      const known = partitions.get(key);
      if (known) partitions.delete(key);
      const partition = known ?? createVectorPartition(load(project, name));
      partitions.set(key, partition);
      if (!known) {
        bytes += partition.bytes;
        evict();
      }
      return partition;
    },
    change(project, name, apply) {
      const partition = partitions.get(keyOf(project, name));
      if (!partition) return;
      bytes -= partition.bytes;
      apply(partition);
      bytes += partition.bytes;
      evict();
    },
    clear() {
      partitions.clear();
      bytes = 0;
    },
  };
};
