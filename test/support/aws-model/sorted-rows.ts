/** Rows in order, for an index partition. */
export interface SortedRows<T> {
  insert(row: T): void;
  remove(row: T): void;
  /** Rows from a position on, in the direction of reading. */
  read(newestFirst: boolean, from: T | undefined): Generator<T>;
  size(): number;
  first(): T | undefined;
}

/** Creates rows ordered by `compare`, which is 0 for equal rows only. */
export const createSortedRows = <T>(compare: (a: T, b: T) => number): SortedRows<T> => {
  const rows: T[] = [];

  /** Position of the first row that is not before this one. */
  const positionOf = (row: T): number => {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = rows[middle];
      if (found !== undefined && compare(found, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const isAt = (position: number, row: T): boolean => {
    const found = rows[position];
    return found !== undefined && compare(found, row) === 0;
  };

  /** Position of the first row that is read; -1 if there is none. */
  const firstOf = (newestFirst: boolean, from: T | undefined): number => {
    if (from === undefined) return newestFirst ? rows.length - 1 : 0;
    const position = positionOf(from);
    return newestFirst && !isAt(position, from) ? position - 1 : position;
  };

  return {
    size: () => rows.length,
    first: () => rows[0],
    insert(row) {
      const position = positionOf(row);
      if (isAt(position, row)) rows[position] = row;
      else if (position === rows.length) rows.push(row);
      else rows.splice(position, 0, row);
    },
    remove(row) {
      const position = positionOf(row);
      if (isAt(position, row)) rows.splice(position, 1);
    },
    *read(newestFirst, from) {
      const step = newestFirst ? -1 : 1;
      for (let at = firstOf(newestFirst, from); ; at += step) {
        const row = rows[at];
        if (row === undefined) return;
        yield row;
      }
    },
  };
};
