import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';

// File formats: https://sqlite.org/fileformat2.html

/** Pages of b-trees by their first byte, and how long their headers are. No other page begins so below 128 GB. */
const headerLengths: { readonly [type: number]: number } = { 2: 12, 5: 12, 10: 8, 13: 8 };
const pageSize = 4096;
const fileHeader = 100;
const walHeader = 32;
const frameHeader = 24;
const frameLength = frameHeader + pageSize;
const framesAtOnce = 64;

const nothing = Buffer.alloc(pageSize);

/**
 * What of a page belongs to nobody, between the pointers to its cells and the cells, if it is not all zeroes.
 * `PRAGMA secure_delete` overwrites cells that are deleted; but where SQLite moves cells to a neighbouring page, a copy may
 * stay here, and outlive the cell.
 */
const dirtyGapOf = (page: Buffer, isFirst: boolean): Buffer | undefined => {
  const header = isFirst ? fileHeader : 0;
  const length = headerLengths[page[header] ?? 0];
  if (length === undefined || page.length < pageSize) return undefined;
  const from = header + length + 2 * page.readUInt16BE(header + 3);
  const to = page.readUInt16BE(header + 5) || pageSize;
  if (from >= to || to > pageSize) return undefined;
  const gap = page.subarray(from, to);
  return gap.equals(nothing.subarray(0, gap.length)) ? undefined : gap;
};

/** Descriptors stay open: to close one ends the locks that SQLite holds on the file in this process. */
const opened = new Map<string, number>();

const descriptorOf = (path: string): number => {
  const known = opened.get(path);
  if (known !== undefined && fstatSync(known).ino === statSync(path).ino) return known;
  const insert = openSync(path, 'r+');
  opened.set(path, insert);
  return insert;
};

const clear = (insert: number, pages: Iterable<number>): boolean => {
  const page = Buffer.alloc(pageSize);
  let isChanged = false;
  for (const number of pages) {
    const at = (number - 1) * pageSize;
    if (readSync(insert, page, 0, pageSize, at) < pageSize) continue;
    const gap = dirtyGapOf(page, number === 1);
    if (!gap) continue;
    writeSync(insert, nothing, 0, gap.length, at + gap.byteOffset - page.byteOffset);
    isChanged = true;
  }
  if (isChanged) fdatasyncSync(insert);
  return isChanged;
};

/**
 * Writes zeroes into the gaps of these pages; whether one was dirty. Nobody else may write the file meanwhile, and its WAL
 * is empty. A crash in the middle does no harm: no one reads what is in a gap.
 */
export const clearGaps = (path: string, pages: Iterable<number>): boolean =>
  clear(descriptorOf(path), pages);

/** The same for all pages of a file that is not open anywhere. */
export const clearEveryGap = (path: string): void => {
  const insert = openSync(path, 'r+');
  try {
    const count = Math.floor(fstatSync(insert).size / pageSize);
    const pages = {
      *[Symbol.iterator]() {
        for (let page = 1; page <= count; page++) yield page;
      },
    };
    clear(insert, pages);
  } finally {
    closeSync(insert);
  }
};

/** Looks at the pages that were written to a WAL since the last look. */
export interface WalReader {
  /** Adds those with dirty gaps. */
  read(dirty: Set<number>): void;
  close(): void;
}

export const createWalReader = (path: string): WalReader => {
  /** Salts change when the WAL begins anew. */
  let salts = Buffer.alloc(0);
  let next = walHeader;
  const head = Buffer.alloc(walHeader);
  const frames = Buffer.alloc(framesAtOnce * frameLength);

  /** False once it meets what was written before the WAL began anew. */
  const readFrame = (frame: Buffer, dirty: Set<number>): boolean => {
    if (!frame.subarray(8, 16).equals(salts)) return false;
    const number = frame.readUInt32BE(0);
    if (dirtyGapOf(frame.subarray(frameHeader), number === 1)) dirty.add(number);
    next += frameLength;
    return true;
  };

  const readFrames = (descriptor: number, dirty: Set<number>): void => {
    let count = framesAtOnce;
    while (count === framesAtOnce) {
      count = Math.floor(readSync(descriptor, frames, 0, frames.length, next) / frameLength);
      for (let i = 0; i < count; i++)
        if (!readFrame(frames.subarray(i * frameLength, (i + 1) * frameLength), dirty)) return;
    }
  };

  let insert: number | undefined;
  const open = (): number | undefined => {
    // There for as long as a connection is open that has written.
    if (insert === undefined && existsSync(path)) insert = openSync(path, 'r');
    return insert;
  };

  return {
    read(dirty) {
      const descriptor = open();
      if (descriptor === undefined) return;
      if (readSync(descriptor, head, 0, walHeader, 0) < walHeader) return;
      if (!head.subarray(16, 24).equals(salts)) {
        salts = Buffer.from(head.subarray(16, 24));
        next = walHeader;
      }
      readFrames(descriptor, dirty);
    },
    close() {
      if (insert !== undefined) closeSync(insert);
      insert = undefined;
    },
  };
};
