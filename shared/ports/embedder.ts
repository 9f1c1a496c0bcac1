import type { PartHealth } from './health.ts';

/** Kind of work that waits for a call: a search, the refinement of a turn, or bulk work such as indexing. */
export type EmbedPriority = 'query' | 'add' | 'batch';

export interface EmbedOptions {
  signal?: AbortSignal | undefined;
  /**
   * Order among waiting calls of an embedder that computes one batch at a time: queries first, then adds, then batches.
   * `batch` by default: work that names no priority delays no other. Servers do not know priorities.
   */
  priority?: EmbedPriority | undefined;
  /**
   * Project of the texts, the scope of caching: without it no answer is cached or shared with a concurrent call. The
   * response time must not reveal to one project what another has embedded.
   */
  project?: string | undefined;
}

export interface Embedder {
  /**
   * Name of model and dimension; vectors of different names are never compared. Is `name@auto` until the first answer of
   * a model of unknown dimension, so read it after `embed`.
   */
  readonly model: string;
  /**
   * Returns one vector of unit length per text, in order, for blank texts as well.
   * @throws RetryableError when the model cannot be reached
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  /** Calls `listener` whenever `model` has changed. */
  onModelChange?(listener: () => void): void;
  health?(): PartHealth;
}
