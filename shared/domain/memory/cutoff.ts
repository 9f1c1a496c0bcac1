import { TerminalError } from '../errors.ts';
import {
  allKinds,
  anyId,
  type Entities,
  type Entity,
  entitiesOf,
  hasAllEntities,
} from './entities.ts';
import { countValues, hasMetadata } from './json-equality.ts';
import type { Metadata } from './turn.ts';

/**
 * Watermark that a delete-all writes: from then on, readers hide everything that names `match` and is older than the id
 * `before`. Ids are UUIDv7, so they compare by time.
 */
export interface Cutoff {
  match: Entities;
  /** Only items that have these keys with equal values are hidden. */
  metadata?: Metadata;
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
  match === 'everything' ? allKinds.map((kind) => ({ [kind]: anyId })) : [match];

/** Whether a delete-all is that of one collection. */
export const isCollection = (match: Entities | 'everything'): boolean =>
  match !== 'everything' && match.collection !== undefined && match.collection !== anyId;

/** Later than every id: the `before` of the delete-all of a collection, whose id is never used again. */
export const afterAllIds = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Whether everything that `old` hides is hidden by `added` as well. */
const isRedundant = (old: Cutoff, added: Cutoff): boolean =>
  hasAllEntities({ entities: old.match }, added.match) &&
  (added.metadata === undefined || hasMetadata(old.metadata ?? {}, added.metadata)) &&
  old.before <= added.before;

/** Adds a cutoff to a list and drops those that it makes redundant. */
export const addCutoff = (cutoffs: readonly Cutoff[], added: Cutoff): Cutoff[] => [
  ...cutoffs.filter((old) => !isRedundant(old, added)),
  added,
];

/** Bound of the cutoffs in one entity record. A delete-all of the entity alone replaces all older ones. */
export const maxCutoffs = 500;
/** Bound of the values in the metadata of all of them, which a reader compares with those of each item of the entity. */
export const maxMetadataValues = 100;
/** Bound of their JSON. DynamoDB allows 400 kB per item. */
const maxCutoffBytes = 300_000;

const valuesIn = (cutoffs: readonly Cutoff[]): number =>
  cutoffs.reduce((sum, { metadata }) => sum + (metadata ? countValues(metadata) : 0), 0);

/** Whether `next` may replace `current` in an entity record. A list that does not grow always may. */
export const fitsRecord = (next: readonly Cutoff[], current: readonly Cutoff[]): boolean => {
  const values = valuesIn(next);
  if (values > maxMetadataValues && values > valuesIn(current)) return false;
  if (next.length <= current.length) return true;
  return next.length <= maxCutoffs && Buffer.byteLength(JSON.stringify(next)) <= maxCutoffBytes;
};
