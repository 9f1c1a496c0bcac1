/** What the position of a memory in a list depends on. */
export interface Position {
  id: string;
  createdAt: number;
}

/** Order of lists: newest first. */
export const newestFirst = (a: Position, b: Position): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);

/** Changes from which all positions are merged in one pass; fewer are made one by one. */
const mergeFrom = 32;

/** Ids of the memories that a list was made of, and the order of those that it shows. */
export interface ListedIds {
  /** Memories shown. */
  size(): number;
  /** Memories known, whether shown or not. */
  knownSize(): number;
  isKnown(id: string): boolean;
  isShown(id: string): boolean;
  /** Shows memories at their positions, or hides those without one. */
  apply(changes: ReadonlyMap<string, Position | undefined>): void;
  /** Returns part of the list as it is with further positions among its own, none of which it shows. */
  page(further: readonly Position[], skip: number, limit: number): string[];
}

export const createListedIds = (): ListedIds => {
  const known = new Map<string, Position | undefined>();
  let shown: Position[] = [];

  /** Number of the shown positions before this one. */
  const rankOf = (position: Position): number => {
    let [low, high] = [0, shown.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = shown[middle];
      if (at && at.id !== position.id && newestFirst(at, position) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const change = (id: string, position: Position | undefined): void => {
    const before = known.get(id);
    if (before) shown.splice(rankOf(before), 1);
    known.set(id, position);
    if (position) shown.splice(rankOf(position), 0, position);
  };

  const merge = (changes: ReadonlyMap<string, Position | undefined>): void => {
    const kept = shown.filter(({ id }) => !changes.has(id));
    const added = [...changes.values()].filter((position) => position !== undefined);
    added.sort(newestFirst);
    const merged: Position[] = [];
    let next = 0;
    for (const position of kept) {
      for (let one = added[next]; one && newestFirst(one, position) < 0; one = added[next]) {
        merged.push(one);
        next += 1;
      }
      merged.push(position);
    }
    shown = [...merged, ...added.slice(next)];
    for (const [id, position] of changes) known.set(id, position);
  };

  return {
    size: () => shown.length,
    knownSize: () => known.size,
    isKnown: (id) => known.has(id),
    isShown: (id) => known.get(id) !== undefined,
    apply(changes) {
      if (changes.size >= mergeFrom) merge(changes);
      else for (const [id, position] of changes) change(id, position);
    },
    page(further, skip, limit) {
      const sorted = further.toSorted(newestFirst);
      const inserted = new Map(sorted.map((one, index) => [rankOf(one) + index, one.id]));
      let before = [...inserted.keys()].filter((at) => at < skip).length;
      const page: string[] = [];
      const end = Math.min(skip + limit, shown.length + inserted.size);
      for (let at = skip; at < end; at++) {
        const id = inserted.get(at);
        if (id !== undefined) before += 1;
        page.push(id ?? shown[at - before]?.id ?? '');
      }
      return page;
    },
  };
};
