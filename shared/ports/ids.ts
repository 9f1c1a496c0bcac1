/** Ids and randomness as a dependency, so that tests control them. */
export interface Ids {
  /** A UUIDv7; strictly increasing within a process. */
  next(): string;
  /** `bytes` random bytes as lower-case hex. */
  secret(bytes: number): string;
  /** Uniform in [0, 1). */
  random(): number;
}
