import { createHash } from 'node:crypto';
import { allNamed, type Entity, entityKey, type Tagged } from '../../domain/memory/entities.ts';
import type { Partition } from '../../domain/memory/filter.ts';

/** How entities are spread. Another rule or number of buckets names other namespaces: everything is indexed anew then. */
const layoutVersion = 1;

/** The rule and the number of buckets, as they are recorded. */
export const layoutOf = (buckets: number): string => `r${layoutVersion}-b${buckets}`;

const nameOf = (project: string, bucket: number, buckets: number): string =>
  `${project}-${layoutOf(buckets)}-${bucket}`;

/** Every namespace that a project may have by a layout, this one or a former. */
export const namespacesBy = (project: string, layout: string): string[] => {
  const [, buckets = '0'] = /^r\d+-b(\d+)$/.exec(layout) ?? [];
  return Array.from({ length: Number(buckets) }, (_, bucket) => `${project}-${layout}-${bucket}`);
};

/**
 * Where the entries of an entity are: a query costs by the size of its namespace, whatever it filters. Names of a
 * project share a prefix.
 */
export const namespaceOf = (project: string, entity: Entity, buckets: number): string => {
  const hash = createHash('sha256').update(entityKey(entity)).digest().readUInt32BE(0);
  return nameOf(project, hash % buckets, buckets);
};

/** Every namespace that something naming these entities is filed in, each once. */
export const namespacesOf = (project: string, subject: Tagged, buckets: number): Set<string> =>
  new Set(allNamed(subject).map((entity) => namespaceOf(project, entity, buckets)));

/** Part of a search: one namespace, and the entities it is searched for; none: all it holds. */
export interface NamespaceScope {
  namespace: string;
  entities: readonly Entity[];
}

/** The namespaces that together hold the partitions. */
export const namespacesForQuery = (
  project: string,
  partitions: readonly Partition[],
  buckets: number,
): NamespaceScope[] => {
  const entities = partitions.filter((partition) => partition !== 'project');
  if (entities.length < partitions.length)
    return Array.from({ length: buckets }, (_, bucket) => ({
      namespace: nameOf(project, bucket, buckets),
      entities: [],
    }));
  const places = Map.groupBy(entities, (entity) => namespaceOf(project, entity, buckets));
  return [...places].map(([namespace, found]) => ({ namespace, entities: found }));
};
