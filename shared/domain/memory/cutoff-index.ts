import type { Cutoff } from './cutoff.ts';
import { allNamed, anyId, type Entity, entitiesOf, entityKey, type Tagged } from './entities.ts';
import { hasEntries, type WantedEntries } from './json-equality.ts';
import type { Metadata } from './turn.ts';

/** Fields of an item that cutoffs are compared with. */
export type CutoffTarget = Tagged & {
  metadata?: Metadata;
  /** Id of the API write that gave it its metadata; absent when it has them from the beginning. */
  metadataSince?: string;
};

/** Trie of cutoffs by the entities they match: one level per entity of a match, in the order of the kinds. */
interface Node {
  /** Latest cutoff whose match ends at this node. */
  before: string;
  /** Cutoffs with metadata whose match ends at this node. */
  partial: { wanted: WantedEntries; before: string }[];
  /** Latest cutoff at this node or below. */
  latest: string;
  next: Map<string, Node>;
}

/** Older than every id. */
const never = '';

const emptyNode = (): Node => ({
  before: never,
  partial: [],
  latest: never,
  next: new Map(),
});

const later = (a: string, b: string): string => (a > b ? a : b);

const insert = (root: Node, { match, metadata, before }: Cutoff): void => {
  root.latest = later(root.latest, before);
  let node = root;
  for (const entity of entitiesOf(match)) {
    const key = entityKey(entity);
    const child = node.next.get(key) ?? emptyNode();
    child.latest = later(child.latest, before);
    node.next.set(key, child);
    node = child;
  }
  if (metadata) node.partial.push({ wanted: Object.entries(metadata), before });
  else node.before = later(node.before, before);
};

/** Ids since which a subject names its entities, by entity and by kind (`anyId`); the oldest per key. */
const agesOf = (subject: Tagged, sinceOf: (entity: Entity) => string): Map<string, string> => {
  const ages = new Map<string, string>();
  for (const entity of allNamed(subject)) {
    const since = sinceOf(entity);
    for (const key of [entityKey(entity), entityKey({ kind: entity.kind, id: anyId })]) {
      const known = ages.get(key);
      if (known === undefined || since < known) ages.set(key, since);
    }
  }
  return ages;
};

/** Whether the subject has the metadata of a cutoff of the node since before the cutoff. */
const isPartlyCovered = (
  { partial }: Node,
  age: string,
  { metadata = {}, metadataSince = never }: CutoffTarget,
): boolean => {
  const since = later(age, metadataSince);
  return partial.some(({ wanted, before }) => since < before && hasEntries(metadata, wanted));
};

/** Whether the subject's entities match a cutoff that is later than `age` and than the ids since which each is named. */
const isCovered = (
  node: Node,
  ages: ReadonlyMap<string, string>,
  age: string,
  subject: CutoffTarget,
): boolean => {
  if (age < node.before) return true;
  if (age >= node.latest) return false;
  if (isPartlyCovered(node, age, subject)) return true;
  const descend = (child: Node | undefined, since: string | undefined): boolean =>
    child !== undefined &&
    since !== undefined &&
    isCovered(child, ages, later(age, since), subject);
  if (node.next.size < ages.size) {
    for (const [key, child] of node.next) if (descend(child, ages.get(key))) return true;
    return false;
  }
  for (const [key, since] of ages) if (descend(node.next.get(key), since)) return true;
  return false;
};

const anyCollection = entityKey({ kind: 'collection', id: anyId });

/**
 * Whether a cutoff of all collections, or of everything, ended the collection of the subject. The cutoff also covers what is added to the
 * collection at the same time and gets a later id: a collection has an id of its own age, which is never used again.
 */
const isOfEndedCollection = (root: Node, { entities: { collection } }: CutoffTarget): boolean =>
  collection !== undefined &&
  collection < later(root.before, root.next.get(anyCollection)?.before ?? never);

/**
 * Returns a check whether cutoffs hide a subject that is as old as the id `age`, or, for matches with a certain entity, as old
 * as `sinceOf` returns. The work per subject depends on the number of its entities, hardly on the number of cutoffs.
 */
export const indexCutoffs = (cutoffs: readonly Cutoff[]) => {
  const root = emptyNode();
  for (const cutoff of cutoffs) insert(root, cutoff);
  return (subject: CutoffTarget, age: string, sinceOf: (entity: Entity) => string): boolean =>
    (age < root.latest && isCovered(root, agesOf(subject, sinceOf), age, subject)) ||
    isOfEndedCollection(root, subject);
};

/**
 * Returns a check whether cutoffs hide a subject, for use on many subjects. Ids are UUIDv7, which compare as strings by
 * time.
 */
export const cutOffBy = (
  cutoffs: readonly Cutoff[],
): ((subject: CutoffTarget & { id: string }) => boolean) => {
  const covers = indexCutoffs(cutoffs);
  return (subject) => covers(subject, subject.id, () => subject.id);
};

export const isCutOff = (
  subject: CutoffTarget & { id: string },
  cutoffs: readonly Cutoff[],
): boolean => cutOffBy(cutoffs)(subject);
