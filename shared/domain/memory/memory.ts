import { type TextDescription, withoutDescription } from './description.ts';
import type { Tagged } from './entities.ts';
import type { Feedback, Message, Metadata, Role, Turn } from './turn.ts';

/** A refined memory: one fact. Times in ms since 1970. */
export interface Memory extends Tagged, TextDescription {
  id: string;
  project: string;
  /** Primary owner. Besides the API, only turns of this scope change the memory. */
  scope: string;
  text: string;
  /** Stems of the text, its speaker and its day with their counts (`searchTerms`), for ranking without analysing it again. */
  terms: { [stem: string]: number };
  /** Name of the person who said it, when the message had one. */
  speaker?: string;
  /** Written by versions that stored vectors beside the text; removed with the end of direct reads. */
  vector?: string;
  /** Embedding model of the entry in the index. */
  vectorModel?: string;
  /** Rises with every write; the condition of concurrent writers. The index entry has the id `id#version`. */
  version: number;
  /** Version that was last submitted to the index. */
  indexedVersion?: number;
  /** How often the memory was made due to be indexed again. A worker that read it before records no entry. */
  reindexings?: number;
  /** When `indexedVersion` was submitted. */
  submittedAt?: number;
  /** Oldest version that may still have an index entry; 1 when absent. */
  oldestIndexedVersion?: number;
  /** When the index was first seen to hold `indexedVersion`. */
  visibleAt?: number;
  /** Of a deleted memory: when its entries were first removed from the index. */
  removedAt?: number;
  /**
   * A closed memory was true once: a turn replaced its text (then it is a version of another memory) or took it back.
   * A deleted one is a tombstone: its text was erased on request.
   */
  state: 'live' | 'closed' | 'deleted';
  /** Since when the text is true, by the time of the conversation, ms since 1970. */
  validFrom: number;
  /** Of a closed memory: until when the text was true. */
  validUntil?: number;
  /** Of a closed version: the memory that has the newer text. */
  supersededBy?: string;
  attributedTo: Role;
  /** Ids of the turns that the memory was drawn from, oldest first: of many the first and the newest (`lineage.ts`). */
  lineage: string[];
  /**
   * Whether each turn that only added entities to the memory left a restatement, so that the lineage may be cut. Not of memories of versions
   * before, and not of restored ones.
   */
  isRestated?: true;
  /** Version at which the present text was written. A message states the memory as long as this is the version it led to. */
  textVersion: number;
  /** By entity that was added later: the turn that added it. A delete-all of that entity applies from that turn on. */
  namedSince?: { [entity: string]: string };
  /** Id of the newest turn or API write that changed the memory. Older turns may not change it any more. */
  lastWrite: string;
  metadata: Metadata;
  /** Id of the API write that gave it its metadata, if any. A delete-all by metadata applies from that write on. */
  metadataSince?: string;
  /** Whether the metadata has structured data of the present text. */
  structured?: true;
  categories: string[];
  createdAt: number;
  updatedAt: number;
  observedAt: number;
  expiresOn?: string;
  immutable?: boolean;
  feedback?: Feedback;
  source: 'inferred' | 'verbatim' | 'edited';
  /** Set on a memory written ahead of a large apply: the memory is visible once that turn is applied with that plan. */
  stagedBy?: { turn: string; plan: string };
  /** Id of the recent pointer of the last API write. */
  pointer?: string;
  /** Whether the memory is deleted, but revisions, events or turns may still have its text. */
  erasing?: boolean;
  /**
   * Of a memory that was deleted with the last message that it was drawn from: the position of that message. The erasure erases the
   * message; the others of its sources keep their text.
   */
  deletedMessage?: number;
  /** The turn of that message; absent: the first source. */
  deletedIn?: string;
}

/**
 * Entry of a memory's history: the change that led to `version`. A DELETE by a turn closed the memory, one by the API erased it.
 */
export interface Revision {
  memory: string;
  version: number;
  type: 'ADD' | 'UPDATE' | 'DELETE';
  oldText?: string;
  newText?: string;
  turn?: string;
  event?: string;
  /** Version of the prompt and schema by which the model proposed it; absent for rules and edits. */
  promptVersion?: string;
  /** Whether the turn was refined before, and the change came when it was refined again. */
  reprocessed?: true;
  metadata: Metadata;
  createdAt: number;
}

/** A memory as readers get it: a refined memory, a turn that is not refined yet (`rough`), or one message of a refined turn. */
export interface MemoryView extends Tagged, TextDescription {
  id: string;
  text: string;
  rough: boolean;
  /** Of a message of a refined turn: its speaker, and when it was said in the words of the request. */
  message?: { role: Role; name?: string; time?: string };
  /** Of a rough memory: its messages, without system messages if there are others. */
  said?: readonly Message[];
  /** Of a rough memory: the event of its turn, and the turn's state. */
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
  feedback?: Feedback;
  lineage: string[];
  version: number;
  validFrom: number;
  /** Of a closed memory: until when the text was true, and the memory that has the newer text, if any. */
  validUntil?: number;
  supersededBy?: string;
}

/** Parts of a score: shares and counts. `context` is the part of the score that is due to neighbouring messages. */
export interface ScoreParts {
  /** Cosine with the query, 0 when unknown or negative. */
  semantic: number;
  /** BM25 score as a share of the query's score on itself. */
  bm25: number;
  /** 1 if the query names a person whom the text names, or who said it. */
  entity: number;
  /** Share of the query's words found, rare ones weighing more. */
  coverage: number;
  /** Numbers and other identifiers of the query that are found exactly, at most 2. */
  identifiers: number;
  /** Words of the query that are found here and hardly anywhere else, at most 2. */
  rareWords: number;
  context: number;
}

/** A search result: a memory with its score, 0..1, and what was compared for it. */
export interface ScoredMemory extends MemoryView {
  score: number;
  parts: ScoreParts;
  /** Message that a memory was drawn from, when that message matches the query as well. */
  source?: { id: string; text: string };
  /** Whether the result only fills a place because it was said just now; its score is below that of an answer. */
  recent?: boolean;
  /** Ids of further results that say the same and were left out. */
  duplicates?: readonly string[];
}

/** When the present text was said, ms since 1970: later than the memory itself where a turn changed the text. */
export const statedAt = ({ observedAt, validFrom }: Pick<MemoryView, 'observedAt' | 'validFrom'>) =>
  Math.max(observedAt, validFrom);

/** Whether the last day (UTC) on which a memory is shown has passed. */
export const isExpired = (memory: { expiresOn?: string }, now: number): boolean =>
  memory.expiresOn !== undefined && new Date(now).toISOString().slice(0, 10) > memory.expiresOn;

/**
 * Whether readers may see a memory: a staged one only once its turn was applied with the plan that staged it.
 * @param stagingTurn the turn named by `stagedBy`; undefined when it is gone
 */
export const isPublished = (
  { stagedBy }: Pick<Memory, 'stagedBy'>,
  stagingTurn: Pick<Turn, 'state' | 'plan'> | undefined,
): boolean =>
  stagedBy === undefined ||
  (stagingTurn?.state === 'applied' && stagingTurn.plan === stagedBy.plan);

/** The next version of a memory that is deleted: without texts, with all that is needed to remove its index entries. */
export const tombstone = (memory: Memory, now: number): Memory => {
  const {
    vector: _,
    vectorModel: __,
    visibleAt: ___,
    speaker: ____,
    ...rest
  } = withoutDescription(memory);
  const { feedback: _____, ...kept } = rest;
  return {
    ...kept,
    text: '',
    terms: {},
    metadata: {},
    categories: [],
    version: memory.version + 1,
    state: 'deleted',
    updatedAt: now,
  };
};
