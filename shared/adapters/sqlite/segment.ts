import type { EntryClass } from '../../ports/vector-index.ts';
import type { PackedStems } from './stem-dictionary.ts';
import { encode } from './vector-codes.ts';

/** Classes by their number in a segment; 0 stands for a removed entry. */
export const classNumbers: { readonly [entryClass in EntryClass]: number } = {
  memory: 1,
  closed: 2,
  message: 3,
};

/** Number of an entry without a vector in the place of its model. */
export const noModel = 255;

/** Occurrences of a stem in an entry that a posting counts: more make next to no difference to a score. */
export const occurrenceBits = 6;
export const maxOccurrences = 2 ** occurrenceBits - 1;
/** Most entries of a segment, whose postings have 16 bits. */
const maxEntries = 2 ** (16 - occurrenceBits);

/**
 * Entries in the form in which a scan holds them, by position: row numbers of the table, codes of vectors, and an inverted index. So most
 * of a load is copies of arrays.
 */
export interface Segment {
  /** Ascending. */
  n: Uint32Array;
  classes: Uint8Array;
  /** Position in `models`, or `noModel`. */
  model: Uint8Array;
  scales: Float32Array;
  /** Codes of all entries with a vector, one after the other. */
  codes: Int8Array;
  /** Number of terms of each entry, with repetition. */
  lengths: Uint32Array;
  stems: PackedStems;
  /** Position of an entry, and in the lowest bits the occurrences of the stem in it; of all stems one after the other. */
  postings: Uint16Array;
  /** Where the postings of each stem end. */
  postingEnds: Uint32Array;
  models: readonly { name: string; dimension: number }[];
}

export interface NumberedRow {
  n: number;
  class: EntryClass;
  dense?: { model: string; vector: Float32Array };
  terms: readonly (readonly [stem: string, count: number])[];
}

/** Numbers models by their first entry. */
const createModelNumbers = () => {
  const models: { name: string; dimension: number }[] = [];
  return {
    models,
    of(name: string, dimension: number): number {
      const known = models.findIndex((one) => one.name === name && one.dimension === dimension);
      return known < 0 ? models.push({ name, dimension }) - 1 : known;
    },
  };
};

const endsOf = (lengths: readonly number[]): Uint32Array => {
  let end = 0;
  return Uint32Array.from(lengths, (length) => {
    end += length;
    return end;
  });
};

const invert = (
  rows: readonly NumberedRow[],
): Pick<Segment, 'stems' | 'postings' | 'postingEnds'> => {
  const lists = new Map<string, number[]>();
  for (const [position, { terms }] of rows.entries())
    for (const [stem, count] of terms) {
      const list = lists.get(stem) ?? [];
      list.push(position * 2 ** occurrenceBits + Math.min(maxOccurrences, count));
      lists.set(stem, list);
    }
  const stems = [...lists.keys()].map((stem) => Buffer.from(stem));
  return {
    stems: { bytes: Buffer.concat(stems), ends: endsOf(stems.map(({ length }) => length)) },
    postings: Uint16Array.from([...lists.values()].flat()),
    postingEnds: endsOf([...lists.values()].map(({ length }) => length)),
  };
};

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** @param rows at most 1,024 */
export const toSegment = (rows: readonly NumberedRow[]): Segment => {
  if (rows.length > maxEntries) throw new Error('a segment has at most 1,024 entries');
  const numbers = createModelNumbers();
  const encoded = rows.map(({ dense }) => dense && encode(dense.vector));
  const codes = new Int8Array(sumOf(encoded.map((one) => one?.codes.length ?? 0)));
  let at = 0;
  for (const one of encoded) {
    if (!one) continue;
    codes.set(one.codes, at);
    at += one.codes.length;
  }
  return {
    n: Uint32Array.from(rows, ({ n }) => n),
    classes: Uint8Array.from(rows, (row) => classNumbers[row.class]),
    model: Uint8Array.from(rows, ({ dense }) =>
      dense ? numbers.of(dense.model, dense.vector.length) : noModel,
    ),
    scales: Float32Array.from(encoded, (one) => one?.scale ?? 0),
    codes,
    lengths: Uint32Array.from(rows, ({ terms }) => sumOf(terms.map(([, count]) => count))),
    ...invert(rows),
    models: numbers.models,
  };
};

const headWords = 6;
const padded = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/** Serializes a segment for the database. */
export const toBytes = (segment: Segment): Uint8Array => {
  const { n, classes, model, scales, codes, lengths, stems, postings, postingEnds } = segment;
  const json = Buffer.from(JSON.stringify(segment.models));
  const sizes = [n, codes, postingEnds, postings, stems.bytes, json].map(({ length }) => length);
  const head = Uint32Array.from(sizes);
  const words = [head, n, scales, lengths, stems.ends, postingEnds];
  const parts = [...words, postings, classes, model, codes, stems.bytes, json];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + padded(part.byteLength), 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += padded(part.byteLength);
  }
  return bytes;
};

export const fromBytes = (stored: Uint8Array): Segment => {
  // The arrays start at multiples of four bytes.
  const { buffer, byteOffset } = stored.byteOffset % 4 === 0 ? stored : stored.slice();
  let at = byteOffset;
  const next = (bytes: number): number => {
    const start = at;
    at += padded(bytes);
    return start;
  };
  const words = (length: number) => new Uint32Array(buffer, next(length * 4), length);
  const bytes = (length: number) => new Uint8Array(buffer, next(length), length);
  const [count = 0, codeBytes = 0, stemCount = 0, postingCount = 0, stemBytes = 0, jsonBytes = 0] =
    words(headWords);
  const n = words(count);
  const scales = new Float32Array(buffer, next(count * 4), count);
  const lengths = words(count);
  const ends = words(stemCount);
  const postingEnds = words(stemCount);
  const postings = new Uint16Array(buffer, next(postingCount * 2), postingCount);
  const classes = bytes(count);
  const model = bytes(count);
  const codes = new Int8Array(buffer, next(codeBytes), codeBytes);
  const stems = { bytes: bytes(stemBytes), ends };
  const models: Segment['models'] = JSON.parse(Buffer.from(bytes(jsonBytes)).toString());
  return { n, classes, model, scales, codes, lengths, stems, postings, postingEnds, models };
};
