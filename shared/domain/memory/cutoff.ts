import { TerminalError } from '../errors.ts';
import {
  anyId,
  type Entities,
  type Entity,
  entitiesOf,
  entityKinds,
  hasAllEntities,
} from './entities.ts';

/**
 * Watermark that a delete-all writes: from then on, readers hide everything that names `match` and is older than the id
 * `before`. Ids are UUIDv7, so they compare by time.
 */
export interface Cutoff {
  match: Entities;
  before: string;
  /** Set when the job of the delete-all is done: from then on (ms since 1970) the cutoff is ignored. */
  expiresAt?: number;
}

export const withoutExpired = (cutoffs: readonly Cutoff[], now: number): Cutoff[] =>
  cutoffs.filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt > now);

/**
 * Returns the entity whose record stores the cutoff of a match: the first one. Every read of a matching item reads that record.
 * @throws TerminalError for a match of no entity
 */
export const cutoffEntity = (match: Entities): Entity => {
  const [first] = entitiesOf(match);
  if (!first) throw new TerminalError('unscoped', 'A delete-all names at least one entity.');
  return first;
};

/** Matches of a delete-all. `everything` is one match per kind, since each item names an entity of some kind. */
export const toMatches = (match: Entities | 'everything'): Entities[] =>
  match === 'everything' ? entityKinds.map((kind) => ({ [kind]: anyId })) : [match];

/** Adds a cutoff to a list and drops those that it makes redundant. */
export const addCutoff = (cutoffs: readonly Cutoff[], added: Cutoff): Cutoff[] => [
  ...cutoffs.filter(
    (old) => !(hasAllEntities({ entities: old.match }, added.match) && old.before <= added.before),
  ),
  added,
];

/** Bound of the cutoffs in one entity record. A delete-all of the entity alone replaces all older ones. */
export const maxCutoffs = 500;
/** Bound of their JSON. DynamoDB allows 400 kB per item. */
const maxCutoffBytes = 300_000;

/** Whether `next` may replace `current` in an entity record. A list that does not grow always may. */
export const fitsRecord = (next: readonly Cutoff[], current: readonly Cutoff[]): boolean =>
  next.length <= current.length ||
  (next.length <= maxCutoffs && Buffer.byteLength(JSON.stringify(next)) <= maxCutoffBytes);
