/** A typed array that grows by a quarter, so that little of it is unused. */
export interface Column<T extends Uint8Array | Uint32Array> {
  /** The array itself, until it grows; it may be longer than the column. */
  values(): T;
  length(): number;
  push(value: number): void;
  append(added: ArrayLike<number>): void;
  /** Makes the array longer by this many values, and returns where they start. */
  extend(by: number): number;
  /**
   * Takes memory for this many further values at once, so that the array is not copied before these are there. Memory that stays unused is
   * address space only.
   */
  reserve(more: number): void;
  /** Bytes of the values. */
  bytes(): number;
}

export const createColumn = <T extends Uint8Array | Uint32Array>(
  create: (length: number) => T,
): Column<T> => {
  let values = create(1_024);
  let length = 0;
  const resize = (size: number): void => {
    const larger = create(size);
    larger.set(values.subarray(0, length));
    values = larger;
  };
  const grow = (by: number): void => resize(Math.ceil((length + by) * 1.25));
  return {
    values: () => values,
    length: () => length,
    push(value) {
      if (length === values.length) grow(1);
      values[length++] = value;
    },
    append(added) {
      if (length + added.length > values.length) grow(added.length);
      values.set(added, length);
      length += added.length;
    },
    extend(by) {
      if (length + by > values.length) grow(by);
      length += by;
      return length - by;
    },
    reserve(more) {
      if (length + more > values.length) resize(length + more);
    },
    bytes: () => length * values.BYTES_PER_ELEMENT,
  };
};
