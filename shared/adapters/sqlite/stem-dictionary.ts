import { createColumn } from './column.ts';

/** Stems in UTF-8, one after the other, and where each of them ends. */
export interface PackedStems {
  bytes: Uint8Array;
  ends: Uint32Array;
}

const firstSize = 1_024;
/** Start and factor of the hash FNV-1a. */
const hashStart = 2_166_136_261;
const hashFactor = 16_777_619;
/** Byte that no text has in UTF-8, in the place of those of an erased stem. */
const erased = 0xff;

/**
 * Creates a dictionary, which numbers stems from zero on, in about 25 bytes each: a stem in UTF-8 instead of a string. The hash starts at
 * a value that no writer of texts knows.
 */
export const createStemDictionary = () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const bytes = createColumn((length) => new Uint8Array(length));
  /** Where each stem starts, by number, and where the next one will. */
  const starts = createColumn((length) => new Uint32Array(length));
  starts.push(0);
  /** Hash of each stem, by number. */
  const hashes = createColumn((length) => new Uint32Array(length));
  /** Numbers plus one, at the first place that was free from the hash of their stem on; 0 for a free place. */
  let places = new Uint32Array(firstSize);

  const hashOf = (from: Uint8Array, start: number, end: number): number => {
    let hash = hashStart ^ seed;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (from[at] ?? 0), hashFactor);
    return (hash ^ (hash >>> 15)) >>> 0;
  };

  const isStem = (number: number, from: Uint8Array, start: number, end: number): boolean => {
    const [known, own] = [starts.values(), bytes.values()];
    const first = known[number] ?? 0;
    const length = end - start;
    if ((known[number + 1] ?? 0) - first !== length) return false;
    for (let i = 0; i < length; i++) if (own[first + i] !== from[start + i]) return false;
    return true;
  };

  /** Place of a stem, or the free place for it. */
  const placeOf = (hash: number, from: Uint8Array, start: number, end: number): number => {
    const mask = places.length - 1;
    const known = hashes.values();
    let place = hash & mask;
    for (;;) {
      const number = (places[place] ?? 0) - 1;
      if (number < 0 || (known[number] === hash && isStem(number, from, start, end))) return place;
      place = (place + 1) & mask;
    }
  };

  const grow = (): void => {
    places = new Uint32Array(places.length * 2);
    const mask = places.length - 1;
    const [known, own] = [starts.values(), bytes.values()];
    for (let number = 0; number < hashes.length(); number++) {
      const [start = 0, end = 0] = [known[number], known[number + 1]];
      // Erased stems need no place any more.
      if (end > start && own[start] === erased) continue;
      let place = (hashes.values()[number] ?? 0) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = number + 1;
    }
  };

  return {
    /** Number of a stem, which is new if need be: new numbers ascend. */
    numberOf(from: Uint8Array, start: number, end: number): number {
      const count = hashes.length();
      if (count * 2 >= places.length) grow();
      const hash = hashOf(from, start, end);
      const place = placeOf(hash, from, start, end);
      const known = places[place] ?? 0;
      if (known > 0) return known - 1;
      const at = bytes.extend(end - start);
      bytes.values().set(from.subarray(start, end), at);
      starts.push(bytes.length());
      hashes.push(hash);
      places[place] = count + 1;
      return count;
    },
    find(stem: string): number | undefined {
      const wanted = Buffer.from(stem);
      const known =
        places[placeOf(hashOf(wanted, 0, wanted.length), wanted, 0, wanted.length)] ?? 0;
      return known > 0 ? known - 1 : undefined;
    },
    /** Takes memory for this many times as many stems as there are. */
    reserve(times: number): void {
      for (const column of [bytes, starts, hashes])
        column.reserve(Math.ceil(column.length() * times));
    },
    /** Overwrites a stem and its hash. No other stem gets the number. */
    erase(number: number): void {
      const known = starts.values();
      hashes.values()[number] = 0;
      bytes.values().fill(erased, known[number], known[number + 1]);
    },
    bytes: () => bytes.bytes() + starts.bytes() + hashes.bytes() + places.byteLength,
    /** Whether the bytes of a text are in the memory of the dictionary. */
    includes: (text: string): boolean => Buffer.from(bytes.values()).includes(text),
  };
};
