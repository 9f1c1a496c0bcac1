/** A memory and its time, by which lists are sorted. */
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
  /** Makes a memory known, if it is not yet; it is not shown. */
  add(id: string): void;
  isShown(id: string): boolean;
  /** Shows memories at their positions, or hides those without one. */
  apply(changes: ReadonlyMap<string, Position | undefined>): void;
  /** Returns part of the list as it is with further positions among its own, none of which it shows. */
  page(further: readonly Position[], skip: number, limit: number): string[];
}

const mergeSorted = (one: readonly Position[], other: readonly Position[]): Position[] => {
  const merged: Position[] = [];
  let next = 0;
  for (const position of one) {
    for (let own = other[next]; own && newestFirst(own, position) < 0; own = other[next]) {
      merged.push(own);
      next += 1;
    }
    merged.push(position);
  }
  return merged.concat(other.slice(next));
};

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
    const added: Position[] = [];
    let isAnyShown = false;
    for (const [id, position] of changes) {
      if (known.get(id)) isAnyShown = true;
      if (position) added.push(position);
    }
    added.sort(newestFirst);
    const kept = isAnyShown ? shown.filter(({ id }) => !changes.has(id)) : shown;
    shown = mergeSorted(kept, added);
    for (const [id, position] of changes) known.set(id, position);
  };

  return {
    size: () => shown.length,
    knownSize: () => known.size,
    isKnown: (id) => known.has(id),
    add(id) {
      if (!known.has(id)) known.set(id, undefined);
    },
    isShown: (id) => known.get(id) !== undefined,
    apply(asked) {
      const isNew = ([id, position]: [string, Position | undefined]): boolean =>
        !known.has(id) || known.get(id)?.createdAt !== position?.createdAt;
      const changes = new Map([...asked].filter(isNew));
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
