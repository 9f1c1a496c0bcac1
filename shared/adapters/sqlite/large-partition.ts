import type { CodeBlock, CodeBlocks } from './code-blocks.ts';
import { type Column, createColumn } from './column.ts';
import { createInvertedIndex } from './inverted-index.ts';
import { noModel, type Segment } from './segment.ts';

/** Codes of one model, with the slot of each row. */
interface ModelBlock {
  block: CodeBlock;
  slots: Column<Uint32Array>;
}

/**
 * Entries of one partition, each in a slot, in columns: about 490 bytes for an entry of 384 dimensions. Has neither ids nor
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
  const index = createInvertedIndex();
  const models: string[] = [];
  const modelBlocks: ModelBlock[] = [];
  let documents = 0;
  let totalLength = 0;

  const modelOf = (name: string, dimension: number): number => {
    const key = `${dimension} ${name}`;
    const known = models.indexOf(key);
    if (known >= 0) return known;
    const slots = createColumn((length) => new Uint32Array(length));
    modelBlocks.push({ block: blocks.create(dimension), slots });
    return models.push(key) - 1;
  };

  /** Adds codes of entries of one model, the first of which is in a slot. */
  const addCodesOf = (
    id: number,
    codes: Int8Array,
    scales: Float32Array,
    firstSlot: number,
  ): void => {
    const at = modelBlocks[id];
    const first = at?.block.add(codes, scales) ?? 0;
    const from = codeRows.extend(scales.length);
    codeModels.extend(scales.length);
    codeModels.values().fill(id, from, from + scales.length);
    for (let i = 0; i < scales.length; i++) {
      at?.slots.push(firstSlot + i);
      codeRows.values()[from + i] = at ? first + i + 1 : 0;
    }
  };

  /** Adds the codes of a segment, those of successive entries of one model together. */
  const addCodes = (
    { model, models: named, codes, scales }: Segment,
    modelIds: readonly number[],
    firstSlot: number,
  ): void => {
    let at = 0;
    for (let from = 0, to = 0; from < model.length; from = to) {
      const own = model[from] ?? noModel;
      while (to < model.length && model[to] === own) to++;
      const end = at + (to - from) * (named[own]?.dimension ?? 0);
      const part = codes.subarray(at, end);
      addCodesOf(modelIds[own] ?? noModel, part, scales.subarray(from, to), firstSlot + from);
      at = end;
    }
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

  return {
    slots: () => n.length(),
    documents: () => documents,
    totalLength: () => totalLength,
    lastNumber: () => n.values()[n.length() - 1] ?? 0,
    numberOf: (slot: number): number => n.values()[slot] ?? 0,
    slotOf,
    classes: () => classes.values(),
    lengths: () => lengths.values(),
    /** Codes of one model, and the slot of each row. */
    block(model: string, dimension: number): { block: CodeBlock; slots: Uint32Array } | undefined {
      const found = modelBlocks[models.indexOf(`${dimension} ${model}`)];
      return found && { block: found.block, slots: found.slots.values() };
    },
    /** Writes the postings of the entries that contain the stem, and returns their number. */
    occurrences: (stem: string, into: Uint32Array): number =>
      index.find(stem, classes.values(), into),
    /** Takes memory for further entries that are like those before. */
    reserve(entries: number): void {
      for (const column of [n, lengths, classes, codeRows, codeModels]) column.reserve(entries);
      for (const { block, slots } of modelBlocks) {
        block.reserve(entries);
        slots.reserve(entries);
      }
      index.reserve(entries / Math.max(1, n.length()));
    },
    /** Adds entries with higher row numbers than all before. */
    append(segment: Segment): void {
      const firstSlot = n.length();
      const modelIds = segment.models.map(({ name, dimension }) => modelOf(name, dimension));
      addCodes(segment, modelIds, firstSlot);
      index.append(segment, firstSlot);
      n.append(segment.n);
      classes.append(segment.classes);
      lengths.append(segment.lengths);
      documents += segment.n.length;
      totalLength += segment.lengths.reduce((sum, length) => sum + length, 0);
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
    forgetStems: () => index.forget(classes.values()),
    bytes(): number {
      const columns = [n, lengths, classes, codeRows, codeModels, index];
      const all = columns.reduce((sum, one) => sum + one.bytes(), 0);
      const codes = modelBlocks.reduce(
        (sum, { block, slots }) => sum + block.bytes() + slots.bytes(),
        0,
      );
      return all + codes;
    },
    free(): void {
      for (const { block } of modelBlocks) block.free();
    },
  };
};

export type LargePartition = ReturnType<typeof createLargePartition>;
