/** Formats of which the text takes a parser. */
export type DocumentFormat = 'pdf' | 'docx' | 'html';

export type DocumentText =
  | { ok: true; text: string }
  /** `reason`: a sentence without any text of the document. */
  | { ok: false; reason: string };

/** Parsers of documents. A document is hostile: each parse has a limit on time and memory. */
export interface DocumentReader {
  /**
   * Reads the text of a document. Deterministic, and safe to repeat.
   * @throws the signal's reason once it aborted
   */
  read(bytes: Uint8Array, format: DocumentFormat, signal: AbortSignal): Promise<DocumentText>;
}
