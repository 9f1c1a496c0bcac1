import type { IndexEntry, VectorIndex } from '../../shared/ports/vector-index.ts';

export interface LaggingIndex extends VectorIndex {
  /** Writes are taken but not shown until it catches up. */
  lag(): void;
  catchUp(): Promise<void>;
  /** What is shown now, by id. */
  shown: Map<string, IndexEntry>;
}

/** An index that shows its writes at once, or, once told to lag, later. */
export const createLaggingIndex = (index: VectorIndex): LaggingIndex => {
  const shown = new Map<string, IndexEntry>();
  let late: (() => Promise<void>)[] | undefined;
  const write = async (run: () => Promise<void>): Promise<void> => {
    if (late) late.push(run);
    else await run();
  };
  return {
    shown,
    lag() {
      late = [];
    },
    async catchUp() {
      const waiting = late ?? [];
      late = undefined;
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
