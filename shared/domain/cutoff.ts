import { type Entities, type Named, namesAll } from './entities.ts';

/** What a delete-all hides from the moment it is written: everything that names `match` and is older than id `before`. */
export interface Cutoff {
  match: Entities;
  before: string;
  /** Once its job is done: when it may go, ms since 1970. What is older than it was erased long before. */
  expiresAt?: number;
}

/** UUIDv7s compare as strings by the time they were made. */
export const isCutOff = (subject: Named & { id: string }, cutoffs: readonly Cutoff[]): boolean =>
  cutoffs.some(({ match, before }) => subject.id < before && namesAll(subject, match));

export const withoutExpired = (cutoffs: readonly Cutoff[], now: number): Cutoff[] =>
  cutoffs.filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt > now);

/** The list with one more cutoff, without those it makes redundant. */
export const withCutoff = (cutoffs: readonly Cutoff[], added: Cutoff): Cutoff[] => [
  ...cutoffs.filter(
    (old) => !(namesAll({ entities: old.match }, added.match) && old.before <= added.before),
  ),
  added,
];
