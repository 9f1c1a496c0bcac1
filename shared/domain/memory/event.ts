import type { ErrorInfo } from '../errors.ts';
import type { ModelOption } from '../project-settings.ts';
import type { RedactionCounts } from '../sensitive/sensitive.ts';
import type { Suspicion } from '../sensitive/suspicious.ts';
import type { AttachmentOutcome } from './attachment.ts';
import type { MemoryKind } from './description.ts';
import type { Entities, EntityKind } from './entities.ts';

/**
 * Subjects of events. ADD, DELETE_ALL, REINDEX, EXPORT, PROFILE and PROCESS are jobs. PROCESS is a request to
 * refine what is pending of an entity, or to follow its refinement. UPDATE, DELETE, REPLACE and SEARCH report one request of the API, which
 * was done when the API answered; REPLACE beside an UPDATE for each of its transactions.
 */
export const eventKinds = [
  'ADD',
  'UPDATE',
  'DELETE',
  'DELETE_ALL',
  'SEARCH',
  'REINDEX',
  'EXPORT',
  'PROFILE',
  'PROCESS',
  'REPLACE',
] as const;
export type EventKind = (typeof eventKinds)[number];
export type EventStatus = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** Progress within RUNNING. `planned`: of events that versions before wrote between the decision and the apply. */
export type Stage =
  | 'queued'
  | 'reading'
  | 'deciding'
  | 'planned'
  | 'applied'
  | 'deleting'
  | 'deriving'
  | 'finished';

/** Time spent per stage on the attempt that succeeded, ms. `embed`: of events of versions that made vectors before they applied. */
export type Timings = { [stage in 'retrieve' | 'model' | 'embed']?: number };

/** A memory that an UPDATE, REPLACE or DELETE wrote, without its texts: those of an update are in the revision that led to `version`. */
export interface WrittenMemory {
  memory: string;
  version?: number;
  /** Absent when they are those of the event. */
  entities?: Entities;
  /** Kind of the memory, of a REPLACE. */
  kind?: MemoryKind;
}

/** Progress of a job that generates profiles. */
export interface ProfileRun {
  operation: 'trigger' | 'sample';
  kind: EntityKind;
  total: number;
  succeeded: number;
  failed: number;
  /** Entities without memories. */
  skipped: number;
}

/**
 * The job that a turn, a delete-all or a request to process starts: PENDING -> RUNNING -> SUCCEEDED | FAILED | CANCELLED. SUCCEEDED means that every
 * search sees the result. Times in ms since 1970.
 */
export interface Event {
  id: string;
  project: string;
  kind: EventKind;
  status: EventStatus;
  stage: Stage;
  entities: Entities;
  turn?: string;
  /** Of the first turn of a request for several owners: events of the other turns. */
  group?: string[];
  /** Of the first turn of a request with copies for other owners: events of the copies. */
  copies?: string[];
  /** Whether the turn needs no language model. */
  verbatim?: boolean;
  attempts: number;
  timings: Timings;
  tokens: { prompt: number; completion: number };
  /** Language model that decided the changes. */
  model?: string;
  /** Version of the prompt and schema by which the model was asked; absent for rules. */
  promptVersion?: string;
  /** Options of the turn and its project that the model did not follow. */
  ignored?: ModelOption[];
  /** Values that were masked or dropped in the texts of the request, by kind; never the values. */
  redacted?: RedactionCounts;
  /** Signs that the texts of the turn try to poison memories. */
  suspicious?: Suspicion[];
  /** Outcomes of the attachments of the turn; absent for a turn without attachments. */
  attachments?: AttachmentOutcome[];
  /** Sentences about the parts of the request of which nothing is remembered, without any text of them. */
  skipped?: string[];
  error?: ErrorInfo;
  /** Of an ADD that failed: id of its latest failure, from which that of the webhook follows. */
  failure?: string;
  /** Of an UPDATE, REPLACE or DELETE: the memories that were written. */
  written?: WrittenMemory[];
  /** Of a job that generates profiles: the request, and the outcomes so far. */
  profiles?: ProfileRun;
  /** Counts of a delete-all; the memories that an export has read so far; of a SEARCH, the number of its results. */
  counts?: { memories: number; turns: number };
  /** Of a final PROCESS: memories that its turns added and updated. */
  learnt?: { added: number; updated: number };
  /** Of a PROCESS: whether it only follows what is refined anyway. */
  follows?: true;
  createdAt: number;
  updatedAt: number;
  startedAt?: number;
  completedAt?: number;
}

export const isFinal = (status: EventStatus): boolean =>
  status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
