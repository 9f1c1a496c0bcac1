import { createColumn } from './column.ts';
import { maxOccurrences, occurrenceBits, type Segment } from './segment.ts';
import { createStemDictionary } from './stem-dictionary.ts';

/**
 * A stem has a list of blocks, the newest first. A block has two words, the position of the block before (0 for none) and
 * `size * usedUnit` plus the number of its postings, and a word for each posting. Only the newest block may have unused words.
 */
const headWords = 2;
const usedUnit = 2 ** 16;
/** Postings of the largest blocks. A further block takes twice as many as the one before, or what is there to be added. */
const maxBlock = 64;

/** Slot and occurrences of a posting: slots are below 67 million. */
export const slotOfPosting = (posting: number): number => posting >>> occurrenceBits;
export const occurrencesOfPosting = (posting: number): number => posting & maxOccurrences;

/** Creates an inverted index: the slots that contain a stem, and how often, in about four bytes each. */
export const createInvertedIndex = () => {
  const stems = createStemDictionary();
  /** Position of the newest block by stem; 0 without postings. */
  const heads = createColumn((length) => new Uint32Array(length));
  const blocks = createColumn((length) => new Uint32Array(length));
  // Position 0 stands for the end of a list.
  blocks.extend(headWords);

  /** Adds a block before all others of the stem. */
  const addBlock = (stem: number, before: number, missing: number): number => {
    const doubled = 2 * Math.floor((blocks.values()[before + 1] ?? 0) / usedUnit);
    const size = Math.min(maxBlock, Math.max(doubled, missing));
    const at = blocks.extend(headWords + size);
    const words = blocks.values();
    words[at] = before;
    words[at + 1] = size * usedUnit;
    heads.values()[stem] = at;
    return at;
  };

  /** Block with unused words of a stem, if need be a new one for what is missing. */
  const openBlock = (stem: number, missing: number): number => {
    const at = heads.values()[stem] ?? 0;
    const state = blocks.values()[at + 1] ?? 0;
    const isFull = Math.floor(state / usedUnit) === state % usedUnit;
    return at === 0 || isFull ? addBlock(stem, at, missing) : at;
  };

  /** Adds the postings of one stem, whose slots count from the first one. */
  const addPostings = (
    stem: number,
    { postings }: Pick<Segment, 'postings'>,
    { from, to }: { from: number; to: number },
    firstSlot: number,
  ): void => {
    const offset = firstSlot * 2 ** occurrenceBits;
    for (let next = from; next < to; ) {
      const at = openBlock(stem, to - next);
      const words = blocks.values();
      const state = words[at + 1] ?? 0;
      const used = state % usedUnit;
      const added = Math.min(to - next, Math.floor(state / usedUnit) - used);
      const start = at + headWords + used;
      for (let i = 0; i < added; i++) words[start + i] = offset + (postings[next + i] ?? 0);
      words[at + 1] = state + added;
      next += added;
    }
  };

  const readBlock = (at: number, alive: Uint8Array, into: Uint32Array, before: number): number => {
    const words = blocks.values();
    const start = at + headWords;
    const end = start + ((words[at + 1] ?? 0) % usedUnit);
    let found = before;
    for (let i = start; i < end; i++) {
      const posting = words[i] ?? 0;
      if (alive[posting >>> occurrenceBits] !== 0) into[found++] = posting;
    }
    return found;
  };

  /** Position of the first block, from one on, that has an entry which is alive; 0 if there is none. */
  const firstAlive = (head: number, alive: Uint8Array): number => {
    const words = blocks.values();
    const isAlive = (at: number): boolean => {
      const start = at + headWords;
      return words
        .subarray(start, start + ((words[at + 1] ?? 0) % usedUnit))
        .some((posting) => alive[posting >>> occurrenceBits] !== 0);
    };
    let at = head;
    while (at !== 0 && !isAlive(at)) at = words[at] ?? 0;
    return at;
  };

  return {
    /** Adds the stems of entries whose slots follow each other. */
    append(segment: Pick<Segment, 'stems' | 'postings' | 'postingEnds'>, firstSlot: number): void {
      const { stems: packed, postingEnds } = segment;
      let [start, from] = [0, 0];
      for (let i = 0; i < postingEnds.length; i++) {
        const [end, to] = [packed.ends[i] ?? 0, postingEnds[i] ?? 0];
        const stem = stems.numberOf(packed.bytes, start, end);
        if (stem === heads.length()) heads.push(0);
        addPostings(stem, segment, { from, to }, firstSlot);
        [start, from] = [end, to];
      }
    },
    /** Takes memory for this many times as many entries as there are, if they are like these. */
    reserve(times: number): void {
      for (const column of [blocks, heads]) column.reserve(Math.ceil(column.length() * times));
      stems.reserve(times);
    },
    /**
     * Writes the postings of the stem in slots that are alive, and returns their number.
     * @param alive by slot: 0 for a removed entry
     */
    find(stem: string, alive: Uint8Array, into: Uint32Array): number {
      const words = blocks.values();
      const number = stems.find(stem);
      let found = 0;
      let at = number === undefined ? 0 : (heads.values()[number] ?? 0);
      for (; at !== 0; at = words[at] ?? 0) found = readBlock(at, alive, into, found);
      return found;
    },
    /** Removes the stems that no entry which is alive contains. */
    forget(alive: Uint8Array): void {
      const first = heads.values();
      for (let stem = 0; stem < heads.length(); stem++) {
        const head = first[stem] ?? 0;
        if (head === 0) continue;
        // The next time begins at the first block of an entry that is still there.
        const at = firstAlive(head, alive);
        first[stem] = at;
        if (at === 0) stems.erase(stem);
      }
    },
    bytes: () => heads.bytes() + blocks.bytes() + stems.bytes(),
    /** Whether the bytes of a text are in the memory of the index. */
    includes: stems.includes,
  };
};
