import type { IndexEntry, VectorIndex } from '../../shared/ports/vector-index.ts';

export interface LaggingIndex extends VectorIndex {
  /** Accepts further writes without making them visible. */
  lag(): void;
  /** Makes all writes visible, in order. */
  catchUp(): Promise<void>;
  /** Visible entries by id. */
  shown: Map<string, IndexEntry>;
}

/** Vector index whose writes are visible at once, or after `catchUp` when lagging. */
export const createLaggingIndex = (index: VectorIndex): LaggingIndex => {
  const shown = new Map<string, IndexEntry>();
  let delayed: (() => Promise<void>)[] | undefined;
  const write = async (run: () => Promise<void>): Promise<void> => {
    if (delayed) delayed.push(run);
    else await run();
  };
  return {
    shown,
    lag() {
      delayed = [];
    },
    async catchUp() {
      const waiting = delayed ?? [];
      delayed = undefined;
      for (const run of waiting) await run();
    },
    upsert: (project, entries) =>
      write(async () => {
        for (const entry of entries) shown.set(entry.id, entry);
        await index.upsert(project, entries);
      }),
    remove: (project, entries) =>
      write(async () => {
        for (const { id } of entries) shown.delete(id);
        await index.remove(project, entries);
      }),
    query: index.query,
    areVisible: index.areVisible,
  };
};
