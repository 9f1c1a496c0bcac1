/** Name of the bytes of a turn: those of an attachment, or the text that was read from one. */
export interface BlobName {
  project: string;
  turn: string;
  /** SHA-256 of the bytes, hexadecimal: other bytes have another name. */
  digest: string;
}

/** Store of attachments, outside of the table because of their size. At most a few MB each. */
export interface Blobs {
  /**
   * Stores bytes under the name that their digest gives them. Durable once it resolves. Safe to repeat, also after a crash.
   * @throws RetryableError blobs_unavailable
   */
  put(name: BlobName, bytes: Uint8Array): Promise<void>;
  /**
   * Reads the bytes; undefined if there are none under this name, or not all of them after a crash.
   * @throws RetryableError blobs_unavailable
   */
  get(name: BlobName): Promise<Uint8Array | undefined>;
  /**
   * Deletes the bytes; an absent name is no error. Once it resolves, no byte is left.
   * @throws RetryableError blobs_unavailable
   */
  remove(names: readonly BlobName[]): Promise<void>;
}
