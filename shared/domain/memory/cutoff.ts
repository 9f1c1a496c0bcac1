import { type Entities, hasAllEntities } from './entities.ts';

/** What a delete-all hides from the moment it is written: everything that names `match` and is older than id `before`. */
export interface Cutoff {
  match: Entities;
  before: string;
  /** Once its job is done: when it may go, ms since 1970. What is older than it was erased long before. */
  expiresAt?: number;
}

export const withoutExpired = (cutoffs: readonly Cutoff[], now: number): Cutoff[] =>
  cutoffs.filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt > now);

/** The list with one more cutoff, without those it makes redundant. */
export const withCutoff = (cutoffs: readonly Cutoff[], added: Cutoff): Cutoff[] => [
  ...cutoffs.filter(
    (old) => !(hasAllEntities({ entities: old.match }, added.match) && old.before <= added.before),
  ),
  added,
];

/** Cutoffs that one entity holds at once. A delete-all of the entity itself replaces them all. */
export const maxCutoffs = 500;
/** What they may take in JSON: an item of DynamoDB is 400 kB at most. */
const maxCutoffBytes = 300_000;

/** Whether an entity may hold `next` after `held`: a list that does not grow always may be. */
export const mayHold = (next: readonly Cutoff[], held: readonly Cutoff[]): boolean =>
  next.length <= held.length ||
  (next.length <= maxCutoffs && Buffer.byteLength(JSON.stringify(next)) <= maxCutoffBytes);
