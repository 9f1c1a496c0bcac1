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

// Formats of the database file and the WAL: https://sqlite.org/fileformat2.html

/** Header length of a b-tree page by its first byte. In files below 128 GB no other page starts with these bytes. */
const headerLengths: { readonly [type: number]: number } = { 2: 12, 5: 12, 10: 8, 13: 8 };
const pageBytes = 4096;
const fileHeaderBytes = 100;
const walHeaderBytes = 32;
const frameHeaderBytes = 24;
const frameBytes = frameHeaderBytes + pageBytes;
const framesPerRead = 64;

const zeroes = Buffer.alloc(pageBytes);

/**
 * Returns the gap of a b-tree page, the unallocated space between the cell pointers and the cells, unless it is all
 * zeroes. `PRAGMA secure_delete` overwrites deleted cells; but when SQLite moves cells to a neighbouring page, a copy
 * may stay in the gap and outlive the cell.
 */
const findDirtyGap = (page: Buffer, isFirst: boolean): Buffer | undefined => {
  const header = isFirst ? fileHeaderBytes : 0;
  const length = headerLengths[page[header] ?? 0];
  if (length === undefined || page.length < pageBytes) return undefined;
  const from = header + length + 2 * page.readUInt16BE(header + 3);
  const to = page.readUInt16BE(header + 5) || pageBytes;
  if (from >= to || to > pageBytes) return undefined;
  const gap = page.subarray(from, to);
  return gap.equals(zeroes.subarray(0, gap.length)) ? undefined : gap;
};

/**
 * Open descriptors by path. Never closed: a close would release the POSIX locks that SQLite holds on the file in this
 * process.
 */
const descriptors = new Map<string, number>();

const openDescriptor = (path: string): number => {
  const existing = descriptors.get(path);
  if (existing !== undefined && fstatSync(existing).ino === statSync(path).ino) return existing;
  const descriptor = openSync(path, 'r+');
  descriptors.set(path, descriptor);
  return descriptor;
};

const zeroGapsOf = (descriptor: number, pages: Iterable<number>): boolean => {
  const page = Buffer.alloc(pageBytes);
  let isChanged = false;
  for (const number of pages) {
    const at = (number - 1) * pageBytes;
    if (readSync(descriptor, page, 0, pageBytes, at) < pageBytes) continue;
    const gap = findDirtyGap(page, number === 1);
    if (!gap) continue;
    writeSync(descriptor, zeroes, 0, gap.length, at + gap.byteOffset - page.byteOffset);
    isChanged = true;
  }
  if (isChanged) fdatasyncSync(descriptor);
  return isChanged;
};

/**
 * Writes zeroes into the gaps of these pages and returns whether any was dirty. The caller holds the write lock, and
 * the WAL is empty. A crash in between is harmless, since SQLite never reads a gap.
 */
export const zeroGaps = (path: string, pages: Iterable<number>): boolean =>
  zeroGapsOf(openDescriptor(path), pages);

/** Writes zeroes into the gaps of all pages of a file that no process has open. */
export const zeroEveryGap = (path: string): void => {
  const descriptor = openSync(path, 'r+');
  try {
    const count = Math.floor(fstatSync(descriptor).size / pageBytes);
    const pages = {
      *[Symbol.iterator]() {
        for (let page = 1; page <= count; page++) yield page;
      },
    };
    zeroGapsOf(descriptor, pages);
  } finally {
    closeSync(descriptor);
  }
};

/** Finds the pages with dirty gaps in a WAL, incrementally. */
export interface WalReader {
  /** Adds to `dirty` the pages with dirty gaps among the frames written since the previous call. */
  read(dirty: Set<number>): void;
  close(): void;
}

/** Creates a reader of the WAL at `path`, which need not exist yet. */
export const createWalReader = (path: string): WalReader => {
  /** Salts of the WAL header, which change when SQLite restarts the WAL from its beginning. */
  let salts = Buffer.alloc(0);
  let nextOffset = walHeaderBytes;
  const head = Buffer.alloc(walHeaderBytes);
  const frames = Buffer.alloc(framesPerRead * frameBytes);

  /** Returns false at a frame from before the restart of the WAL: the valid frames end there. */
  const readFrame = (frame: Buffer, dirty: Set<number>): boolean => {
    if (!frame.subarray(8, 16).equals(salts)) return false;
    const number = frame.readUInt32BE(0);
    if (findDirtyGap(frame.subarray(frameHeaderBytes), number === 1)) dirty.add(number);
    nextOffset += frameBytes;
    return true;
  };

  const readFrames = (descriptor: number, dirty: Set<number>): void => {
    let count = framesPerRead;
    while (count === framesPerRead) {
      count = Math.floor(readSync(descriptor, frames, 0, frames.length, nextOffset) / frameBytes);
      for (let i = 0; i < count; i++)
        if (!readFrame(frames.subarray(i * frameBytes, (i + 1) * frameBytes), dirty)) return;
    }
  };

  let opened: number | undefined;
  const open = (): number | undefined => {
    // The WAL exists while a connection is open that has written.
    if (opened === undefined && existsSync(path)) opened = openSync(path, 'r');
    return opened;
  };

  return {
    read(dirty) {
      const descriptor = open();
      if (descriptor === undefined) return;
      if (readSync(descriptor, head, 0, walHeaderBytes, 0) < walHeaderBytes) return;
      if (!head.subarray(16, 24).equals(salts)) {
        salts = Buffer.from(head.subarray(16, 24));
        nextOffset = walHeaderBytes;
      }
      readFrames(descriptor, dirty);
    },
    close() {
      if (opened !== undefined) closeSync(opened);
      opened = undefined;
    },
  };
};
