import type { CodeBlock, CodeBlocks } from './code-blocks.ts';
import { noModel, type Segment } from './segment.ts';

type Column = Uint8Array | Uint32Array;

/** A typed array that grows by a quarter, so that little of it is unused. */
const createColumn = <T extends Column>(create: (length: number) => T) => {
  let values = create(1_024);
  let length = 0;
  const grow = (by: number): void => {
    const larger = create(Math.ceil((length + by) * 1.25));
    larger.set(values);
    values = larger;
  };
  return {
    values: () => values,
    length: () => length,
    push(value: number): void {
      if (length === values.length) grow(1);
      values[length++] = value;
    },
    /** Makes the array longer by this many values, and returns where they start. */
    extend(by: number): number {
      if (length + by > values.length) grow(by);
      length += by;
      return length - by;
    },
    bytes: () => values.byteLength,
  };
};

/** Codes of one model, with the slot of each row. */
interface ModelBlock {
  block: CodeBlock;
  slots: Uint32Array;
}

/** Position of the next entry in the arrays of a segment. */
interface Position {
  term: number;
  code: number;
}

/** Bytes of a stem in the dictionary: string, map entry and head of its list. */
const stemBytes = 110;

/** Words of a posting: its slot, the number of occurrences, and the position of the posting before; 0 for none. */
const postingWords = 3;

/**
 * Entries of one partition, each in a slot, in columns: about 600 bytes for an entry of 384 dimensions. Has neither ids nor
 * targets, which the table has. A removed entry keeps its slot, empty.
 */
export const createLargePartition = (blocks: CodeBlocks) => {
  /** Row numbers of the table by slot, ascending. */
  const n = createColumn((length) => new Uint32Array(length));
  const lengths = createColumn((length) => new Uint32Array(length));
  const classes = createColumn((length) => new Uint8Array(length));
  /** Row in the block of the entry's model, plus one; 0 without a vector. */
  const codeRows = createColumn((length) => new Uint32Array(length));
  const codeModels = createColumn((length) => new Uint8Array(length));
  /** Inverted index: a list of postings for each stem, the newest first. */
  const stems = new Map<string, number>();
  const heads = createColumn((length) => new Uint32Array(length));
  const postings = createColumn((length) => new Uint32Array(length));
  // Position 0 stands for the end of a list.
  postings.extend(postingWords);
  const models: string[] = [];
  const modelBlocks: ModelBlock[] = [];
  let documents = 0;
  let totalLength = 0;

  const modelOf = (name: string, dimension: number): number => {
    const key = `${dimension} ${name}`;
    const known = models.indexOf(key);
    if (known >= 0) return known;
    modelBlocks.push({ block: blocks.create(dimension), slots: new Uint32Array(256) });
    return models.push(key) - 1;
  };

  const addCodes = (model: number, slot: number, codes: Int8Array, scale: number): number => {
    const at = modelBlocks[model];
    if (!at) return 0;
    const row = at.block.add(codes, scale);
    if (row === at.slots.length) {
      const larger = new Uint32Array(Math.ceil(row * 1.25));
      larger.set(at.slots);
      at.slots = larger;
    }
    at.slots[row] = slot;
    return row + 1;
  };

  const stemOf = (stem: string): number => {
    const known = stems.get(stem);
    if (known !== undefined) return known;
    stems.set(stem, heads.length());
    heads.push(0);
    return heads.length() - 1;
  };

  /** First slot whose row number is at least this. */
  const lowerBound = (number: number): number => {
    const values = n.values();
    let [low, high] = [0, n.length()];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const slotOf = (number: number): number | undefined => {
    const slot = lowerBound(number);
    return slot < n.length() && n.values()[slot] === number && classes.values()[slot] !== 0
      ? slot
      : undefined;
  };

  /** Adds the postings of an entry and returns its length. */
  const addPostings = (
    { termCounts, terms, occurrences }: Segment,
    i: number,
    stemIds: readonly number[],
    at: Position,
  ): number => {
    const count = termCounts[i] ?? 0;
    const slot = n.length() - 1;
    let posting = postings.extend(count * postingWords);
    const [list, first] = [postings.values(), heads.values()];
    let length = 0;
    for (const end = at.term + count; at.term < end; at.term++) {
      const stem = stemIds[terms[at.term] ?? 0] ?? 0;
      const occurs = occurrences[at.term] ?? 0;
      length += occurs;
      list[posting] = slot;
      list[posting + 1] = occurs;
      list[posting + 2] = first[stem] ?? 0;
      first[stem] = posting;
      posting += postingWords;
    }
    return length;
  };

  const appendEntry = (
    segment: Segment,
    i: number,
    stemIds: readonly number[],
    modelIds: readonly number[],
    at: Position,
  ): void => {
    n.push(segment.n[i] ?? 0);
    classes.push(segment.classes[i] ?? 0);
    const length = addPostings(segment, i, stemIds, at);
    lengths.push(length);
    const model = segment.model[i] ?? noModel;
    const dimension = segment.models[model]?.dimension ?? 0;
    const id = modelIds[model] ?? noModel;
    const codes = segment.codes.subarray(at.code, at.code + dimension);
    codeModels.push(id);
    codeRows.push(id === noModel ? 0 : addCodes(id, n.length() - 1, codes, segment.scales[i] ?? 0));
    at.code += dimension;
    documents += 1;
    totalLength += length;
  };

  return {
    slots: () => n.length(),
    documents: () => documents,
    totalLength: () => totalLength,
    lastNumber: () => n.values()[n.length() - 1] ?? 0,
    numberOf: (slot: number): number => n.values()[slot] ?? 0,
    slotOf,
    classes: () => classes.values(),
    lengths: () => lengths.values(),
    block: (model: string, dimension: number): ModelBlock | undefined =>
      modelBlocks[models.indexOf(`${dimension} ${model}`)],
    /** Writes the slots of the entries that contain the stem, and how often each does, one after the other. Returns their number. */
    occurrences(stem: string, into: Uint32Array): number {
      const head = stems.get(stem);
      if (head === undefined) return 0;
      const [alive, list] = [classes.values(), postings.values()];
      let found = 0;
      for (let at = heads.values()[head] ?? 0; at !== 0; at = list[at + 2] ?? 0) {
        const slot = list[at] ?? 0;
        if (alive[slot] === 0) continue;
        into[2 * found] = slot;
        into[2 * found + 1] = list[at + 1] ?? 0;
        found += 1;
      }
      return found;
    },
    /** Adds entries with higher row numbers than all before. */
    append(segment: Segment): void {
      const stemIds = segment.stems.map(stemOf);
      const modelIds = segment.models.map(({ name, dimension }) => modelOf(name, dimension));
      const at: Position = { term: 0, code: 0 };
      for (let i = 0; i < segment.n.length; i++) appendEntry(segment, i, stemIds, modelIds, at);
    },
    /** Empties the slot of an entry, whose stems go with the next `forgetStems`. */
    remove(number: number): void {
      const slot = slotOf(number);
      if (slot === undefined) return;
      classes.values()[slot] = 0;
      documents -= 1;
      totalLength -= lengths.values()[slot] ?? 0;
      lengths.values()[slot] = 0;
      const row = codeRows.values()[slot] ?? 0;
      if (row > 0) modelBlocks[codeModels.values()[slot] ?? noModel]?.block.erase(row - 1);
    },
    /** Removes the stems that no entry contains any more. */
    forgetStems(): void {
      const [alive, first, list] = [classes.values(), heads.values(), postings.values()];
      for (const [stem, head] of stems) {
        let at = first[head] ?? 0;
        while (at !== 0 && alive[list[at] ?? 0] === 0) at = list[at + 2] ?? 0;
        // The next time begins at the first posting of an entry that is still there.
        first[head] = at;
        if (at === 0) stems.delete(stem);
      }
    },
    bytes(): number {
      const columns = [n, lengths, classes, codeRows, codeModels, heads, postings];
      const all = columns.reduce((sum, one) => sum + one.bytes(), 0);
      const codes = modelBlocks.reduce(
        (sum, { block, slots }) => sum + block.bytes() + slots.byteLength,
        0,
      );
      return all + codes + stems.size * stemBytes;
    },
    free(): void {
      for (const { block } of modelBlocks) block.free();
    },
  };
};

export type LargePartition = ReturnType<typeof createLargePartition>;
