import { chunksOf } from '../../domain/chunks-of.ts';
import { allNamed, type Entity, entityKey, type Tagged } from '../../domain/memory/entities.ts';
import type { Partition } from '../../domain/memory/filter.ts';
import { sha256 } from '../../domain/sha256.ts';
import { storedWordsLayout } from '../../domain/vector-layout.ts';

/** Version of the rules that assign entities to indexes and name them in metadata. A new version requires reindexing. */
const layoutVersion = 1;

export interface VectorLayout {
  /** The vector bucket, which is a part of the layout: another bucket holds nothing at first. */
  bucket: string;
  /** Number of indexes. Entities are spread over them, since the price of a query grows with the size of its index. */
  indexes: number;
  /** Dimension of every vector. */
  dimension: number;
}

/** Name of the layout as it is stored. */
export const layoutOf = ({ bucket, indexes }: Pick<VectorLayout, 'bucket' | 'indexes'>): string =>
  `${storedWordsLayout}${layoutVersion}-n${indexes}-${bucket}`;

/** Names of all indexes of a layout, which name the layout: an index of another one has another name. */
export const indexNames = ({ indexes, dimension }: Omit<VectorLayout, 'bucket'>): string[] =>
  Array.from(
    { length: indexes },
    (_, number) => `v${layoutVersion}-d${dimension}-n${indexes}-${number}`,
  );

/** Metadata keys that no filter uses: the service takes 40 KB of them and of the others, but 2 KB of filterable ones. */
export const nonFilterableKeys: readonly string[] = ['terms', 'named'];

const indexOf = (project: string, entity: Entity, layout: VectorLayout): string => {
  const number = Number.parseInt(sha256(`${project} ${entityKey(entity)}`, 'hex').slice(0, 8), 16);
  return indexNames(layout)[number % layout.indexes] ?? '';
};

/** Names of the indexes that have an entry which names these entities, each once. */
export const indexesOf = (project: string, subject: Tagged, layout: VectorLayout): Set<string> =>
  new Set(allNamed(subject).map((entity) => indexOf(project, entity, layout)));

/**
 * Label of an entity of a project, or of the project, in metadata: a digest, because labels count towards the 2 KB of filterable
 * metadata. The project is a part of the label, so that one condition keeps projects apart.
 */
export const labelOf = (project: string, partition: Partition): string =>
  sha256(`${project} ${partition === 'project' ? '*' : entityKey(partition)}`, 'base64url').slice(
    0,
    16,
  );

/** Key of the vector of an entry: an index has the vectors of all projects. */
export const vectorKey = (project: string, entry: string): string => `${project}/${entry}`;

/** Part of an index that a query searches. */
export interface SearchPart {
  index: string;
  labels: string[];
}

/** Most labels in one filter, which has at most 100 conditions. */
const maxLabels = 40;

/** Parts of the indexes that together contain the partitions. */
export const partsForQuery = (
  project: string,
  partitions: readonly Partition[],
  layout: VectorLayout,
): SearchPart[] => {
  const entities = partitions.filter((partition) => partition !== 'project');
  if (entities.length < partitions.length)
    return indexNames(layout).map((index) => ({ index, labels: [labelOf(project, 'project')] }));
  const byIndex = Map.groupBy(entities, (entity) => indexOf(project, entity, layout));
  return [...byIndex].flatMap(([index, found]) => {
    const labels = [...new Set(found.map((entity) => labelOf(project, entity)))];
    return chunksOf(labels, maxLabels).map((some) => ({ index, labels: some }));
  });
};
