import type { Cutoff } from './cutoff.ts';
import { allNamed, anyId, type Entity, entitiesOf, entityKey, type Tagged } from './entities.ts';

/** Cutoffs by what they match, one level for each entity of a match, in the order of the kinds. */
interface Node {
  /** The latest cutoff whose match ends here. */
  before: string;
  /** The latest cutoff here or below. */
  latest: string;
  next: Map<string, Node>;
}

/** Older than every id. */
const never = '';

const emptyNode = (): Node => ({ before: never, latest: never, next: new Map() });

const later = (a: string, b: string): string => (a > b ? a : b);

const insert = (root: Node, { match, before }: Cutoff): void => {
  root.latest = later(root.latest, before);
  let node = root;
  for (const entity of entitiesOf(match)) {
    const key = entityKey(entity);
    const child = node.next.get(key) ?? emptyNode();
    child.latest = later(child.latest, before);
    node.next.set(key, child);
    node = child;
  }
  node.before = later(node.before, before);
};

/** Since when something names its entities, by entity and by kind (`anyId`). */
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

/** Whether a match of named entities has a cutoff later than `age` and than the time each was named. */
const isCovered = (node: Node, ages: ReadonlyMap<string, string>, age: string): boolean => {
  if (age < node.before) return true;
  if (age >= node.latest) return false;
  const descend = (child: Node | undefined, since: string | undefined): boolean =>
    child !== undefined && since !== undefined && isCovered(child, ages, later(age, since));
  if (node.next.size < ages.size) {
    for (const [key, child] of node.next) if (descend(child, ages.get(key))) return true;
    return false;
  }
  for (const [key, since] of ages) if (descend(node.next.get(key), since)) return true;
  return false;
};

/**
 * Checks whether cutoffs cover a subject that is as old as id `age`, or, under an entity, as `sinceOf` says. The work for a
 * subject depends on what it names, hardly on how many cutoffs there are.
 */
export const indexCutoffs = (cutoffs: readonly Cutoff[]) => {
  const root = emptyNode();
  for (const cutoff of cutoffs) insert(root, cutoff);
  return (subject: Tagged, age: string, sinceOf: (entity: Entity) => string): boolean =>
    age < root.latest && isCovered(root, agesOf(subject, sinceOf), age);
};

/** For many subjects. UUIDv7s compare as strings by the time they were made. */
export const cutOffBy = (
  cutoffs: readonly Cutoff[],
): ((subject: Tagged & { id: string }) => boolean) => {
  const covers = indexCutoffs(cutoffs);
  return (subject) => covers(subject, subject.id, () => subject.id);
};

export const isCutOff = (subject: Tagged & { id: string }, cutoffs: readonly Cutoff[]): boolean =>
  cutOffBy(cutoffs)(subject);
