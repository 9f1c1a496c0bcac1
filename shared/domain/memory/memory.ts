import type { Tagged } from './entities.ts';
import type { Metadata, Role, Turn } from './turn.ts';

/** One learnt fact. Times in ms since 1970. */
export interface Memory extends Tagged {
  id: string;
  project: string;
  /** Only turns of this scope change it (besides the API). */
  scope: string;
  text: string;
  indexText: string;
  /** Stems of `indexText` with their counts, for lexical ranking without analysing it again. */
  terms: { [stem: string]: number };
  /** The turn before, when `indexText` borrows its last message: erasing that turn takes it out again. */
  context?: string;
  /** Base64 of float32s, until the vector index is seen to hold it. */
  vector?: string;
  /** Embedder that made the vector, here and in the index. */
  vectorModel?: string;
  /** Rises with every write; its index entry is `id#version`. */
  version: number;
  /** Version whose entry the index was given last. */
  indexedVersion?: number;
  /** When it was given that, ms since 1970. */
  submittedAt?: number;
  /** Oldest version of which the index may still hold an entry; 1 when absent. */
  oldestIndexedVersion?: number;
  /** When the index was first seen to hold `indexedVersion`; of a deleted memory, when it was first told to drop it. */
  visibleAt?: number;
  state: 'live' | 'deleted';
  attributedTo: Role;
  /** Ids of the turns it was drawn from, oldest first. */
  lineage: string[];
  /** Of entities it came to name later: the turn that named them. A delete-all of one reaches no further back. */
  namedSince?: { [entity: string]: string };
  /** Id of the newest turn or API write that shaped it: an older turn may not change it. */
  lastTurn: string;
  metadata: Metadata;
  categories: string[];
  createdAt: number;
  updatedAt: number;
  observedAt: number;
  expiresOn?: string;
  immutable?: boolean;
  source: 'inferred' | 'verbatim' | 'edited';
  /** Written ahead of a large apply: visible once that turn is applied with that plan. */
  stagedBy?: { turn: string; plan: string };
  /** Id of the recent pointer that an API write left. */
  pointer?: string;
  /** Deleted by what was said, not through the API: its history and its sources keep their texts. */
  retracted?: boolean;
  /** Deleted, but revisions, events or turns may still hold its text. */
  erasing?: boolean;
}

/** One entry of a memory's history; its key carries the version it made. */
export interface Revision {
  memory: string;
  version: number;
  type: 'ADD' | 'UPDATE' | 'DELETE';
  oldText?: string;
  newText?: string;
  turn?: string;
  event?: string;
  metadata: Metadata;
  createdAt: number;
}

/** What a reader gets: a refined memory, or a turn not yet refined (`rough`). */
export interface MemoryView extends Tagged {
  id: string;
  text: string;
  rough: boolean;
  /** Rough only: the event to wait for, and where it stands. */
  event?: string;
  turnState?: 'pending' | 'failed';
  attributedTo: Role;
  metadata: Metadata;
  categories: string[];
  createdAt: number;
  updatedAt: number;
  observedAt: number;
  expiresOn?: string;
  immutable: boolean;
  lineage: string[];
  version: number;
}

/** A view with its place in a search: score in 0..1, higher is better, and its parts. */
export interface ScoredMemory extends MemoryView {
  score: number;
  parts: { semantic: number; lexical: number };
}

/** The day (UTC) after which an expired memory is hidden. */
export const isExpired = (memory: { expiresOn?: string }, now: number): boolean =>
  memory.expiresOn !== undefined && new Date(now).toISOString().slice(0, 10) > memory.expiresOn;

/** Whether a staged memory is visible: its turn was applied with the plan that staged it. */
export const isPublished = (
  { stagedBy }: Pick<Memory, 'stagedBy'>,
  turn: Pick<Turn, 'state' | 'plan'> | undefined,
): boolean => !stagedBy || (turn?.state === 'applied' && turn.plan === stagedBy.plan);

/** The next version of a memory that is deleted: without texts, with all that is needed to remove its index entries. */
export const tombstone = (memory: Memory, now: number): Memory => {
  const { vector: _, vectorModel: __, visibleAt: ___, context: ____, ...kept } = memory;
  return {
    ...kept,
    text: '',
    indexText: '',
    terms: {},
    metadata: {},
    categories: [],
    version: memory.version + 1,
    state: 'deleted',
    updatedAt: now,
  };
};
