import { randomUUID } from 'node:crypto';
import type { FilterTarget, Partition } from '../../shared/domain/memory/filter.ts';
import type {
  IndexEntry,
  IndexQuery,
  IndexResult,
  VectorIndex,
} from '../../shared/ports/vector-index.ts';

/** A vector index under test. */
export interface VectorIndexHarness {
  index: VectorIndex;
  /** Dimension of its vectors; more than 3. */
  dimension: number;
  /** Resolves when queries see everything written so far. */
  settle(): Promise<void>;
  dispose(): Promise<void>;
}

/** Returns the suite's index, which is opened before its tests. Suites may share an index: every test makes a new project. */
export type OpenedIndex = () => VectorIndexHarness;

export const newProject = (): string => randomUUID();

export const ofUser: Partition = { kind: 'user', id: 'u' };

export const model = 'model-a';

/** A unit vector in the plane of the first two axes: the cosine of two is that of their angle. */
export const angled = (dimension: number, degrees: number): Float32Array => {
  const vector = new Float32Array(dimension);
  vector[0] = Math.cos((degrees * Math.PI) / 180);
  vector[1] = Math.sin((degrees * Math.PI) / 180);
  return vector;
};

interface EntryParts {
  class?: IndexEntry['class'];
  dense?: IndexEntry['dense'];
  terms?: IndexEntry['terms'];
  target?: Partial<FilterTarget>;
}

/** An entry of user `u`, of version 1. */
export const entry = (
  memory: string,
  { class: entryClass = 'memory', dense, terms = {}, target }: EntryParts = {},
): IndexEntry => ({
  id: `${memory}#1`,
  class: entryClass,
  ...(dense && { dense }),
  terms,
  target: {
    id: memory,
    text: '',
    entities: { user: 'u' },
    metadata: {},
    categories: [],
    createdAt: 1,
    updatedAt: 1,
    observedAt: 1,
    ...target,
  },
});

/** Fields of an entry that a removal and `areVisible` need. */
export const referenceTo = ({ id, target: { entities } }: IndexEntry) => ({ id, entities });

/** A query of user `u` in a project, with no vector and no terms. */
export const query = (project: string, more: Partial<IndexQuery> = {}): IndexQuery => ({
  project,
  partitions: [ofUser],
  terms: [],
  classes: ['memory'],
  limit: 10,
  ...more,
});

/** Ids of hits, sorted: the order of hits is not specified. */
export const idsOf = ({ hits }: IndexResult): string[] => hits.map(({ id }) => id).toSorted();

export const semanticOf = ({ hits }: IndexResult, id: string): number | undefined =>
  hits.find((hit) => hit.id === id)?.semantic;
