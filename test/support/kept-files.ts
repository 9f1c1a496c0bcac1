import { createMemoryBlobs } from '../../shared/adapters/memory-blobs/memory-blobs.ts';
import type { BlobName, Blobs } from '../../shared/ports/blobs.ts';

export interface KeptFiles extends Blobs {
  /** Texts of all blobs there are, sorted. */
  texts(): string[];
  /** Names in the order of their first write. */
  written: BlobName[];
  /** Runs before each write, and may throw. */
  beforePut(run: (name: BlobName) => Promise<void> | void): void;
}

/** Blobs in memory that a test can look at and interrupt. */
export const createKeptFiles = (): KeptFiles => {
  const blobs = createMemoryBlobs();
  const kept = new Map<string, Uint8Array>();
  const written: BlobName[] = [];
  let before: (name: BlobName) => Promise<void> | void = () => {};
  const keyOf = ({ project, turn, digest }: BlobName) => `${project} ${turn} ${digest}`;
  return {
    written,
    beforePut(run) {
      before = run;
    },
    texts: () => [...kept.values()].map((bytes) => Buffer.from(bytes).toString()).sort(),
    async put(name, bytes) {
      await before(name);
      written.push(name);
      await blobs.put(name, bytes);
      kept.set(keyOf(name), bytes);
    },
    get: blobs.get,
    async remove(names) {
      await blobs.remove(names);
      for (const name of names) kept.delete(keyOf(name));
    },
  };
};
