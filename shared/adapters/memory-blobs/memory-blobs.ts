import type { BlobName, Blobs } from '../../ports/blobs.ts';

const keyOf = ({ project, turn, digest }: BlobName): string => `${project}/${turn}/${digest}`;

/** Creates blobs in memory, for a database in memory; both end with the process. */
export const createMemoryBlobs = (): Blobs => {
  const blobs = new Map<string, Uint8Array>();
  return {
    async put(name, bytes) {
      blobs.set(keyOf(name), Uint8Array.from(bytes));
    },
    async get(name) {
      return blobs.get(keyOf(name));
    },
    async remove(names) {
      for (const name of names) blobs.delete(keyOf(name));
    },
  };
};
