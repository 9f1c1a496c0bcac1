import { createHash } from 'node:crypto';
import { allNamed, type Entity, entityKey, type Tagged } from '../../domain/memory/entities.ts';
import type { Partition } from '../../domain/memory/filter.ts';

/**
 * Version of the rule that assigns entities to buckets. A new version or bucket count names new namespaces and requires
 * reindexing.
 */
const layoutVersion = 2;

/** Name of the layout as it is stored: version of the rule and number of buckets. */
export const layoutOf = (buckets: number): string => `r${layoutVersion}-b${buckets}`;

const nameOf = (project: string, bucket: number, buckets: number): string =>
  `${project}-${layoutOf(buckets)}-${bucket}`;

/** All namespaces of a project in a layout, the present or a former one. */
export const namespacesBy = (project: string, layout: string): string[] => {
  const [, buckets = '0'] = /^r\d+-b(\d+)$/.exec(layout) ?? [];
  return Array.from({ length: Number(buckets) }, (_, bucket) => `${project}-${layout}-${bucket}`);
};

/**
 * Namespace of the entries of an entity. Entities are hashed into buckets, because the cost of a query grows with the size
 * of its namespace, whatever the filter. Namespaces of a project share a prefix.
 */
export const namespaceOf = (project: string, entity: Entity, buckets: number): string => {
  const hash = createHash('sha256').update(entityKey(entity)).digest().readUInt32BE(0);
  return nameOf(project, hash % buckets, buckets);
};

/** Namespaces in which an entry that names these entities is stored, each once. */
export const namespacesOf = (project: string, subject: Tagged, buckets: number): Set<string> =>
  new Set(allNamed(subject).map((entity) => namespaceOf(project, entity, buckets)));

/** Whether an entity is common to many users. */
const isCommon = ({ kind }: Entity): boolean => kind === 'agent' || kind === 'app';

/**
 * Namespaces that are asked whether they show an entry: those of its users and runs, if it names any. The namespace of an agent or an app,
 * which many users share, takes 100 queries a second and is priced by its size; it is expected to show an entry within the minute for
 * which direct reads go on.
 */
export const namespacesToCheck = (
  project: string,
  subject: Tagged,
  buckets: number,
): Set<string> => {
  const named = allNamed(subject);
  const own = named.filter((entity) => !isCommon(entity));
  const asked = own.length > 0 ? own : named;
  return new Set(asked.map((entity) => namespaceOf(project, entity, buckets)));
};

/** Namespace of a query, with the entities to search for; none for all entries. */
export interface NamespaceScope {
  namespace: string;
  entities: readonly Entity[];
}

/** Namespaces that together contain the partitions. */
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
  const byNamespace = Map.groupBy(entities, (entity) => namespaceOf(project, entity, buckets));
  return [...byNamespace].map(([namespace, found]) => ({ namespace, entities: found }));
};
