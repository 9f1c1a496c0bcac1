import type { EntryClass } from '../../ports/vector-index.ts';
import { encode } from './vector-codes.ts';

/** Classes by their number in a segment; 0 stands for a removed entry. */
export const classNumbers: { readonly [entryClass in EntryClass]: number } = {
  memory: 1,
  closed: 2,
  message: 3,
};

/** Number of an entry without a vector in the place of its model. */
export const noModel = 255;

/** Entries in the form in which a scan holds them, by position: row numbers of the table, codes of vectors, counts of stems. */
export interface Segment {
  /** Ascending. */
  n: Uint32Array;
  classes: Uint8Array;
  /** Position in `models`, or `noModel`. */
  model: Uint8Array;
  scales: Float32Array;
  /** Codes of all entries with a vector, one after the other. */
  codes: Int8Array;
  /** Number of different stems of each entry. */
  termCounts: Uint32Array;
  /** Positions in `stems`, of all entries one after the other, and how often each occurs. */
  terms: Uint32Array;
  occurrences: Uint32Array;
  stems: readonly string[];
  models: readonly { name: string; dimension: number }[];
}

export interface NumberedRow {
  n: number;
  class: EntryClass;
  dense?: { model: string; vector: Float32Array };
  terms: readonly (readonly [stem: string, count: number])[];
}

/** Returns the position of a value in a list, to whose end a new one is added. */
const createNumbering = <T>(nameOf: (value: T) => string) => {
  const list: T[] = [];
  const numbers = new Map<string, number>();
  return {
    list,
    of(value: T): number {
      const name = nameOf(value);
      const known = numbers.get(name);
      if (known !== undefined) return known;
      numbers.set(name, list.length);
      return list.push(value) - 1;
    },
  };
};

export const toSegment = (rows: readonly NumberedRow[]): Segment => {
  const stems = createNumbering((stem: string) => stem);
  const models = createNumbering(
    ({ name, dimension }: Segment['models'][number]) => `${dimension} ${name}`,
  );
  const encoded = rows.map(({ dense }) => dense && encode(dense.vector));
  const terms = rows.flatMap((row) => row.terms);
  const codes = new Int8Array(encoded.reduce((sum, one) => sum + (one?.codes.length ?? 0), 0));
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
      dense ? models.of({ name: dense.model, dimension: dense.vector.length }) : noModel,
    ),
    scales: Float32Array.from(encoded, (one) => one?.scale ?? 0),
    codes,
    termCounts: Uint32Array.from(rows, (row) => row.terms.length),
    terms: Uint32Array.from(terms, ([stem]) => stems.of(stem)),
    occurrences: Uint32Array.from(terms, ([, count]) => count),
    stems: stems.list,
    models: models.list,
  };
};

const headWords = 5;
const padded = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/** Serializes a segment for the database. */
export const toBytes = (segment: Segment): Uint8Array => {
  const { n, classes, model, scales, codes, termCounts, terms, occurrences } = segment;
  const json = Buffer.from(JSON.stringify([segment.stems, segment.models]));
  const head = Uint32Array.of(1, n.length, terms.length, codes.length, json.length);
  const parts = [head, n, scales, termCounts, terms, occurrences, classes, model, codes, json];
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
  const [, count = 0, termTotal = 0, codeBytes = 0, jsonBytes = 0] = new Uint32Array(
    buffer,
    byteOffset,
    headWords,
  );
  let at = byteOffset + headWords * 4;
  const next = (bytes: number): number => {
    const start = at;
    at += padded(bytes);
    return start;
  };
  const words = (length: number) => new Uint32Array(buffer, next(length * 4), length);
  const n = words(count);
  const scales = new Float32Array(buffer, next(count * 4), count);
  const termCounts = words(count);
  const terms = words(termTotal);
  const occurrences = words(termTotal);
  const classes = new Uint8Array(buffer, next(count), count);
  const model = new Uint8Array(buffer, next(count), count);
  const codes = new Int8Array(buffer, next(codeBytes), codeBytes);
  const json = Buffer.from(buffer, next(jsonBytes), jsonBytes);
  const [stems, models]: [string[], Segment['models']] = JSON.parse(json.toString());
  return { n, classes, model, scales, codes, termCounts, terms, occurrences, stems, models };
};
