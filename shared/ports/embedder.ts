export interface Embedder {
  /** Names model and dimension: vectors of different names are never compared. */
  model: string;
  /** One vector of unit length per text, in order. A blank text has a vector too. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
}
