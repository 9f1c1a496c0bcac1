import type { PartHealth } from './health.ts';

export interface EmbedOptions {
  signal?: AbortSignal | undefined;
  /**
   * Project the texts belong to. Only with it may an answer be kept, or shared with another call of the same project:
   * the time of an answer must not reveal to one project what another has asked about.
   */
  project?: string | undefined;
}

export interface Embedder {
  /**
   * Names model and dimension: vectors of different names are never compared. `name@auto` until the first answer of a
   * model of unknown dimension; read it after the vectors it is to name.
   */
  readonly model: string;
  /** One vector of unit length per text, in order. A blank text has a vector too. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  /** Calls back whenever `model` has changed. */
  onModelChange?(listener: () => void): void;
  health?(): PartHealth;
}
