import { createColumn } from './column.ts';

/** Bytes of a stem in the dictionary: string, map entry and head of its list. */
const stemBytes = 110;

/**
 * A stem has a list of blocks, the newest first. A block has two words, the position of the block before (0 for none) and
 * `size * usedUnit` plus the number of its postings, and a word for each posting. Only the newest block may have unused words.
 */
const headWords = 2;
const usedUnit = 2 ** 16;
/** Postings of the largest blocks. The first block of a stem takes one, each further one twice as many as the one before. */
const maxBlock = 64;

/**
 * A posting is a slot, below 67 million, and, in the lowest bits, the number of occurrences: more than these bits hold make next to no
 * difference to a score.
 */
const occurrenceBits = 6;
const maxOccurrences = 2 ** occurrenceBits - 1;

/** Creates an inverted index: the slots that contain a stem, and how often, in about four bytes each. */
export const createInvertedIndex = () => {
  const stems = new Map<string, number>();
  /** Position of the newest block by stem; 0 without postings. */
  const heads = createColumn((length) => new Uint32Array(length));
  const blocks = createColumn((length) => new Uint32Array(length));
  // Position 0 stands for the end of a list.
  blocks.extend(headWords);

  const addBlock = (stem: number, before: number): number => {
    const size =
      Math.min(maxBlock, 2 * Math.floor((blocks.values()[before + 1] ?? 0) / usedUnit)) || 1;
    const at = blocks.extend(headWords + size);
    const words = blocks.values();
    words[at] = before;
    words[at + 1] = size * usedUnit;
    heads.values()[stem] = at;
    return at;
  };

  const readBlock = (at: number, alive: Uint8Array, into: Uint32Array, before: number): number => {
    const words = blocks.values();
    const start = at + headWords;
    const end = start + ((words[at + 1] ?? 0) % usedUnit);
    let found = before;
    for (let i = start; i < end; i++) {
      const posting = words[i] ?? 0;
      const slot = posting >>> occurrenceBits;
      if (alive[slot] === 0) continue;
      into[2 * found] = slot;
      into[2 * found + 1] = posting & maxOccurrences;
      found += 1;
    }
    return found;
  };

  return {
    /** Returns the number of a stem, which is new if need be. */
    stemOf(stem: string): number {
      const known = stems.get(stem);
      if (known !== undefined) return known;
      stems.set(stem, heads.length());
      heads.push(0);
      return heads.length() - 1;
    },
    add(stem: number, slot: number, occurrences: number): void {
      let at = heads.values()[stem] ?? 0;
      let state = blocks.values()[at + 1] ?? 0;
      if (at === 0 || Math.floor(state / usedUnit) === state % usedUnit) {
        at = addBlock(stem, at);
        state = blocks.values()[at + 1] ?? 0;
      }
      const words = blocks.values();
      words[at + headWords + (state % usedUnit)] =
        slot * 2 ** occurrenceBits + Math.min(maxOccurrences, occurrences);
      words[at + 1] = state + 1;
    },
    /** Takes memory for the postings of further entries that are like those before. */
    reserve: (entries: number, before: number): void =>
      blocks.reserve(Math.ceil((blocks.length() / Math.max(1, before)) * entries)),
    /**
     * Writes the slots that contain the stem and are alive, and how often each does, one after the other. Returns their number.
     * @param alive by slot: 0 for a removed entry
     */
    find(stem: string, alive: Uint8Array, into: Uint32Array): number {
      const words = blocks.values();
      const head = stems.get(stem);
      let found = 0;
      let at = head === undefined ? 0 : (heads.values()[head] ?? 0);
      for (; at !== 0; at = words[at] ?? 0) found = readBlock(at, alive, into, found);
      return found;
    },
    /** Removes the stems that no entry which is alive contains. */
    forget(alive: Uint8Array): void {
      const [first, words] = [heads.values(), blocks.values()];
      const isAlive = (at: number): boolean => {
        const start = at + headWords;
        return words
          .subarray(start, start + ((words[at + 1] ?? 0) % usedUnit))
          .some((posting) => alive[posting >>> occurrenceBits] !== 0);
      };
      for (const [stem, head] of stems) {
        let at = first[head] ?? 0;
        while (at !== 0 && !isAlive(at)) at = words[at] ?? 0;
        // The next time begins at the first block of an entry that is still there.
        first[head] = at;
        if (at === 0) stems.delete(stem);
      }
    },
    bytes: () => heads.bytes() + blocks.bytes() + stems.size * stemBytes,
  };
};
