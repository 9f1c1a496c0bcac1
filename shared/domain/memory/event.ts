import type { ErrorInfo } from '../errors.ts';
import type { ModelOption } from '../project-settings.ts';
import type { Entities, EntityKind } from './entities.ts';

export type EventKind = 'ADD' | 'DELETE_ALL' | 'REINDEX' | 'EXPORT' | 'PROFILE';
export type EventStatus = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** Progress within RUNNING. */
export type Stage =
  | 'queued'
  | 'deciding'
  | 'planned'
  | 'applied'
  | 'deleting'
  | 'deriving'
  | 'finished';

/** Time spent per stage on the attempt that succeeded, ms. */
export type Timings = { [stage in 'waited' | 'retrieve' | 'model' | 'embed' | 'apply']?: number };

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
 * The job that a turn or a delete-all starts: PENDING -> RUNNING -> SUCCEEDED | FAILED | CANCELLED. SUCCEEDED means that every
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
  /** Whether the turn needs no language model. */
  verbatim?: boolean;
  attempts: number;
  timings: Timings;
  tokens: { prompt: number; completion: number };
  /** Language model that decided the changes. */
  model?: string;
  /** Options of the turn and its project that the model did not follow. */
  ignored?: ModelOption[];
  error?: ErrorInfo;
  /** Of a job that generates profiles: the request, and the outcomes so far. */
  profiles?: ProfileRun;
  /** Counts of a delete-all, or the memories that an export has read so far. */
  counts?: { memories: number; turns: number };
  createdAt: number;
  updatedAt: number;
  startedAt?: number;
  completedAt?: number;
}

export const isFinal = (status: EventStatus): boolean =>
  status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
