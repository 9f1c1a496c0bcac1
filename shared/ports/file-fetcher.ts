/** A file that a link leads to. */
export interface FetchedFile {
  ok: true;
  bytes: Uint8Array;
  /** Media type without parameters, as the server names it. */
  mediaType?: string;
}

/** A link that leads to no file. */
export interface FetchFailure {
  ok: false;
  /** Sentence for the customer. Reveals nothing of a private network. */
  reason: string;
  /** Whether another try may succeed: the server was busy, or not reachable. */
  retryable: boolean;
}

/** Client that reads files from URLs that customers chose. Every address is checked (SSRF protection). */
export interface FileFetcher {
  /**
   * Reads a file of bounded size within a bounded time, and follows a few redirects, each of which is checked like the first
   * address. Rejects only with the signal's reason.
   */
  fetch(url: string, signal: AbortSignal): Promise<FetchedFile | FetchFailure>;
}
